import type { Words } from './en.ts';

/** Every text of the console in Indonesian. Words that Indonesian developers say in English stay English: event, run, webhook, endpoint. */
export const id: Words = {
  locale: 'id',

  app: {
    closeMenu: 'Tutup menu',
    kait: 'Kait',
    language: 'Bahasa',
    menu: 'Menu',
    navigation: 'Halaman',
    notFound: 'Halaman ini tidak ada',
    notFoundWhat: 'Alamatnya mungkin salah ketik, atau halamannya sudah dipindahkan.',
    search: 'Cari',
    searchHint: 'Order, pembayaran, email, event, atau run',
    skip: 'Langsung ke isi',
    theme: 'Tema',
    themes: { auto: 'Ikuti sistem', light: 'Terang', dark: 'Gelap' },
    toHome: 'Ke halaman pertama',
    live: 'Langsung',
    notLive: 'Tidak tersambung. Yang Anda lihat mungkin sudah lama. Menyambung kembali…',
    groups: { traffic: 'Lalu lintas', build: 'Membangun', outbound: 'Keluar', operate: 'Operasi' },
  },

  keyboard: {
    title: 'Papan ketik',
    search: 'Cari',
    next: 'Baris berikutnya',
    previous: 'Baris sebelumnya',
    open: 'Buka baris',
    help: 'Tampilkan bantuan ini',
    close: 'Tutup',
    single: 'Pakai satu tombol sebagai pintasan',
  },

  parts: {
    cancel: 'Batal',
    close: 'Tutup',
    collapse: 'Ciutkan',
    copied: 'Tersalin',
    copy: 'Salin',
    copyWhat: (what) => `Salin ${what}`,
    details: 'Rincian',
    done: 'Selesai',
    expand: 'Bentangkan',
    failed: 'Ini tidak dapat dimuat',
    filters: 'Filter',
    clearFilters: 'Hapus filter',
    any: 'Semua',
    loading: 'Memuat…',
    more: 'Tampilkan lebih banyak',
    moreItems: (count) => `${count} lagi`,
    needsRole: (role) => `Ini memerlukan peran ${role}.`,
    none: 'Tidak ada',
    nothing: 'Belum ada apa-apa di sini',
    reason: 'Alasan',
    reasonHint: 'Alasan disimpan dalam audit bersama nama Anda.',
    reload: 'Muat ulang',
    retry: 'Coba lagi',
    stale: 'Ini mungkin sudah lama: permintaan terakhir gagal.',
    unknown: 'Tidak diketahui',
    utc: (text) => `${text} UTC`,
    optional: 'opsional',
    textCut: (bytes) => `Awal dari ${bytes}.`,
    roles: { viewer: 'pengamat', operator: 'operator', admin: 'admin' },
  },

  problems: {
    unreachable: 'Kait tidak menjawab. Apakah masih berjalan?',
    unexpected: 'Terjadi kesalahan.',
    code: (code, status) => `${code} · ${status}`,
  },

  approvals: { title: 'Persetujuan' },

  audit: { title: 'Audit' },

  definitions: { title: 'Definisi' },

  endpoints: { title: 'Endpoint' },

  eventTypes: { title: 'Jenis event' },

  events: { title: 'Event' },

  find: { title: 'Pencarian' },

  graph: {
    fit: 'Tampilkan semuanya',
    larger: 'Perbesar',
    smaller: 'Perkecil',
    undoes: (step) => `Membatalkan ${step}:`,
    zoom: 'Ukuran gambar',
  },

  home: { title: 'Beranda' },

  login: {
    title: 'Masuk',
    token: 'Token',
    tokenHint: 'Token admin, atau kunci API.',
    submit: 'Masuk',
    submitting: 'Sedang masuk…',
    wrong: 'Token ini tidak dikenal di sini.',
    link: 'Di mesin yang menjalankan Kait, pakai tautan yang dicetak “kait up”. Tautan itu berlaku sekali.',
    withOidc: 'Masuk dengan akun organisasi Anda',
    or: 'atau',
    logout: 'Keluar',
    expired: 'Sesi Anda sudah berakhir. Silakan masuk lagi.',
    as: (name, role) => `${name}, ${role}`,
  },

  playground: { title: 'Uji coba' },

  runs: { title: 'Run' },

  sources: { title: 'Sumber' },

  system: { title: 'Sistem' },
};
