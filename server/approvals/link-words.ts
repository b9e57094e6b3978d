/** What stands above the form when an answer has to be corrected. */
export type FormFault = 'choice-missing' | 'reason-missing' | 'reason-malformed' | 'unavailable';

export type PageLanguage = 'en' | 'id';

/** The words of the pages behind the links in mails. The question itself is in the language of its definition. */
export interface LinkWords {
  /** For `Intl`. */
  locale: string;
  approval: string;
  askedFor: string;
  approvals: string;
  soFar: (given: number, needed: number) => string;
  before: string;
  person: string;
  yourAnswer: string;
  approve: string;
  reject: string;
  reason: string;
  optionalReason: string;
  send: string;
  once: string;
  faults: Readonly<Record<FormFault, string>>;
  recorded: string;
  approved: string;
  rejected: string;
  goesAhead: string;
  isRejected: string;
  othersToo: string;
  close: string;
  nothing: string;
  nothingHere: string;
  nothingWhy: string;
}

export const linkWords: Readonly<Record<PageLanguage, LinkWords>> = {
  en: {
    locale: 'en-GB',
    approval: 'Approval',
    askedFor: 'Asked for by',
    approvals: 'Approvals',
    soFar: (given, needed) => `${given} of ${needed} so far`,
    before: 'Answer before',
    person: 'You answer as',
    yourAnswer: 'Your answer',
    approve: 'Approve',
    reject: 'Reject',
    reason: 'Reason',
    optionalReason: 'Reason (optional)',
    send: 'Send answer',
    once: 'This link is yours alone and can be used once.',
    faults: {
      'choice-missing': 'Choose one of the two answers.',
      'reason-missing': 'This question needs a reason.',
      'reason-malformed': 'The reason has at most 2,000 characters, and no control characters.',
      unavailable: 'Your answer could not be handed over. It may not count. Try again in a minute.',
    },
    recorded: 'Answer recorded',
    approved: 'You have approved it',
    rejected: 'You have rejected it',
    goesAhead: 'It goes ahead.',
    isRejected: 'It is rejected.',
    othersToo: 'Others have to answer, too.',
    close: 'You can close this page.',
    nothing: 'Nothing to answer',
    nothingHere: 'There is nothing to answer here',
    nothingWhy: 'The link is wrong, was used, or has expired, or the question is settled.',
  },
  id: {
    locale: 'id-ID',
    approval: 'Persetujuan',
    askedFor: 'Diminta oleh',
    approvals: 'Persetujuan',
    soFar: (given, needed) => `${given} dari ${needed} sejauh ini`,
    before: 'Jawab sebelum',
    person: 'Anda menjawab sebagai',
    yourAnswer: 'Jawaban Anda',
    approve: 'Setujui',
    reject: 'Tolak',
    reason: 'Alasan',
    optionalReason: 'Alasan (tidak wajib)',
    send: 'Kirim jawaban',
    once: 'Tautan ini hanya untuk Anda dan hanya dapat dipakai sekali.',
    faults: {
      'choice-missing': 'Pilih salah satu dari kedua jawaban.',
      'reason-missing': 'Pertanyaan ini memerlukan alasan.',
      'reason-malformed': 'Alasan paling banyak 2.000 karakter, tanpa karakter kontrol.',
      unavailable: 'Jawaban Anda belum dapat diteruskan dan mungkin tidak terhitung. Coba lagi dalam satu menit.',
    },
    recorded: 'Jawaban tercatat',
    approved: 'Anda telah menyetujuinya',
    rejected: 'Anda telah menolaknya',
    goesAhead: 'Prosesnya dilanjutkan.',
    isRejected: 'Permintaannya ditolak.',
    othersToo: 'Orang lain juga harus menjawab.',
    close: 'Anda dapat menutup halaman ini.',
    nothing: 'Tidak ada yang perlu dijawab',
    nothingHere: 'Tidak ada yang perlu dijawab di sini',
    nothingWhy: 'Tautannya salah, sudah dipakai, atau kedaluwarsa, atau pertanyaannya sudah diputuskan.',
  },
};

/** The language of these that an `Accept-Language` prefers (RFC 9110, 12.5.4), or English. */
export function pageLanguage(accepted: string | undefined): PageLanguage {
  const offered = (accepted ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((range) => /^\s*([a-z]+)[^;]*(?:;\s*q=(\d(?:\.\d+)?))?\s*$/i.exec(range))
    .filter((match) => match !== null)
    .map(([, tag = '', quality = '1']) => ({ tag: tag.toLowerCase(), quality: Number(quality) }))
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  // Java once wrote `in` for Indonesian.
  const known = offered.map(({ tag }) => (tag === 'in' ? 'id' : tag)).find((tag) => tag === 'en' || tag === 'id');
  return known === 'id' ? 'id' : 'en';
}
