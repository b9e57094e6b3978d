import type { ShownApproval } from '../../storage/approvals/approval-list.ts';
import { style } from './link-style.ts';
import { type FormFault, type LinkWords, linkWords, type PageLanguage } from './link-words.ts';

/** What was wrong with an answer, and what was filled in. */
export interface FaultyForm {
  fault: FormFault;
  answer: 'approve' | 'reject' | null;
  reason: string;
}

/** Shows a question to one person, with a form that answers it. Nothing is decided by looking at it. */
export function questionPage(
  asked: ShownApproval,
  person: string,
  { language, faulty = null }: { language: PageLanguage; faulty?: FaultyForm | null },
): string {
  const words = linkWords[language];
  const { question, rules } = asked;
  const checked = (answer: FaultyForm['answer']) => (faulty?.answer === answer ? ' checked' : '');
  const fault =
    faulty === null ? '' : `<p class="note fault" id="fault" role="alert">${text(words.faults[faulty.fault])}</p>\n`;
  const described = faulty === null ? '' : ' aria-describedby="fault"';
  return page(
    language,
    words.approval,
    `<h1>${text(question)}</h1>
${fault}<dl>
${rowsOf(asked, person, words)
  .map(([label, value]) => `<dt>${text(label)}</dt><dd>${text(value)}</dd>`)
  .join('\n')}
</dl>
<form method="post">
<fieldset><legend>${words.yourAnswer}</legend>
<label class="choice"><input type="radio" name="answer" value="approve" required${checked('approve')}${described}> ${words.approve}</label>
<label class="choice"><input type="radio" name="answer" value="reject" required${checked('reject')}${described}> ${words.reject}</label>
</fieldset>
<label><span class="label">${rules.needsReason ? words.reason : words.optionalReason}</span>
<textarea name="reason" rows="3" maxlength="2000"${rules.needsReason ? ' required' : ''}${described}>
${text(faulty?.reason ?? '')}</textarea></label>
<button type="submit">${words.send}</button>
</form>
<p class="small">${words.once}</p>`,
  );
}

function rowsOf(
  { details, requester, until, rules, answers }: ShownApproval,
  person: string,
  words: LinkWords,
): (readonly [label: string, value: string])[] {
  return [
    ...(requester === null ? [] : [[words.askedFor, requester] as const]),
    ...details,
    ...(rules.min > 1 ? [[words.approvals, words.soFar(answers.length, rules.min)] as const] : []),
    [words.before, instantText(until, words.locale)],
    [words.person, person],
  ];
}

/** Without a script, the page does not know the zone of its reader. */
function instantText(at: Date, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(at)} UTC`;
}

/** Confirms an answer. */
export function answeredPage(approved: boolean, decided: boolean | null, language: PageLanguage): string {
  const words = linkWords[language];
  const next = decided === null ? words.othersToo : decided ? words.goesAhead : words.isRejected;
  return page(
    language,
    words.recorded,
    `<h1>${approved ? words.approved : words.rejected}</h1>\n<p class="note ok">${next}</p>\n<p>${words.close}</p>`,
  );
}

/** The same for every link that leads nowhere, so that it tells nobody why. */
export function nothingPage(language: PageLanguage): string {
  const { nothing, nothingHere, nothingWhy } = linkWords[language];
  return page(language, nothing, `<h1>${nothingHere}</h1>\n<p>${nothingWhy}</p>`);
}

const brand = `<svg width="24" height="24" viewBox="-5 -5 34 34" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" \
stroke-linejoin="round" aria-hidden="true"><path d="M7 4v16M17 5l-9.5 7.2M11.5 9.5c3.5 1 6 3 6 6a3.2 3.2 0 0 1-6.4 0"/></svg>`;

/** Nothing is loaded from elsewhere, and no script runs: see the headers in `link-routes.ts`. */
function page(language: PageLanguage, title: string, body: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title} · Kait</title>
<style>${style}</style>
</head>
<body>
<header class="brand">${brand}Kait</header>
<main>
${body}
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escaped, and without characters that turn text around or hide it. */
function text(value: string): string {
  return value.replace(/[\p{Cf}\p{Cs}]/gu, '\uFFFD').replace(/[&<>"']/g, (each) => entities[each] ?? '');
}
