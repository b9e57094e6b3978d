import type { ShownApproval } from '../../storage/approvals/approval-list.ts';

/** What stands above the form when an answer has to be corrected. */
export type FormFault = 'choice-missing' | 'reason-missing' | 'reason-malformed' | 'unavailable';

const faults: Readonly<Record<FormFault, string>> = {
  'choice-missing': 'Choose one of the two answers.',
  'reason-missing': 'This question needs a reason.',
  'reason-malformed': 'The reason has at most 2,000 characters, and no control characters.',
  unavailable: 'Your answer could not be handed over. It may not count. Try again in a minute.',
};

/** Shows a question to one person, with a form that answers it. Nothing is decided by looking at it. */
export function questionPage(asked: ShownApproval, person: string, fault: FormFault | null): string {
  const { question, details, requester, until, rules, answers } = asked;
  const rows = [
    ...(requester === null ? [] : [['Asked for by', requester] as const]),
    ...details,
    ...(rules.min > 1 ? [['Approvals', `${answers.length} of ${rules.min} so far`] as const] : []),
    [
      'Answer before',
      until
        .toISOString()
        .replace('T', ' ')
        .replace(/:\d\d\.\d+Z$/, ' UTC'),
    ] as const,
    ['You answer as', person] as const,
  ];
  return page(
    'Approval',
    `<h1>${text(question)}</h1>
${fault === null ? '' : `<p class="fault" role="alert">${text(faults[fault])}</p>\n`}<dl>
${rows.map(([label, value]) => `<dt>${text(label)}</dt><dd>${text(value)}</dd>`).join('\n')}
</dl>
<form method="post">
<fieldset><legend>Your answer</legend>
<label><input type="radio" name="answer" value="approve" required> Approve</label>
<label><input type="radio" name="answer" value="reject" required> Reject</label>
</fieldset>
<label>Reason${rules.needsReason ? '' : ' (optional)'}
<textarea name="reason" rows="3" maxlength="2000"${rules.needsReason ? ' required' : ''}></textarea></label>
<button type="submit">Send answer</button>
</form>
<p>This link is yours alone and can be used once.</p>`,
  );
}

/** Confirms an answer. */
export function answeredPage(approved: boolean, decided: boolean | null): string {
  const next = decided === null ? 'Others have to answer, too.' : decided ? 'It goes ahead.' : 'It is rejected.';
  return page(
    'Answer recorded',
    `<h1>You have ${approved ? 'approved' : 'rejected'} it</h1>\n<p>${next} You can close this page.</p>`,
  );
}

/** The same for every link that leads nowhere, so that it tells nobody why. */
export function nothingPage(): string {
  return page(
    'Nothing to answer',
    '<h1>There is nothing to answer here</h1>\n<p>The link is wrong, was used, or has expired, or the question is settled.</p>',
  );
}

/** Nothing is loaded from elsewhere, and no script runs: see the headers in `link-routes.ts`. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${text(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** Its hash is in the page's Content-Security-Policy. */
export const style = `body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#1a1a1a}
main{max-width:36rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
label{display:block;margin:.5rem 0}textarea{display:block;width:100%;box-sizing:border-box;font:inherit}
button{font:inherit;padding:.5rem 1rem}.fault{color:#a40000}`;

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
