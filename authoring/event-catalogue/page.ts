import type { EventType } from '../../language/event-types.ts';
import { answers, type Catalogue, exampleBody, requestHeaders, scheduleInWords } from './catalogue.ts';
import { schemaRows } from './schema-table.ts';
import { verifySamples } from './verify-samples.ts';

/** Nothing is loaded and nothing runs. The styles are the page's own. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const styles = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; } h2 { margin-top: 3rem; } h3 { margin-top: 2.5rem; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: 0.8rem 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.4rem 0.8rem 0.4rem 0; text-align: left; vertical-align: top; }
.deprecated { border-left: 3px solid #b45309; padding-left: 0.8rem; }
summary { cursor: pointer; }
`;

/** The whole catalogue as one page of HTML, which needs no other file and no script. */
export function cataloguePage(catalogue: Catalogue): string {
  const { about, byName } = catalogue.types;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(about.title)}</title>
<style>${styles}</style>
</head>
<body>
<header>
<h1>${escaped(about.title)}</h1>
${paragraphs(about.description)}${contactOf(catalogue)}
</header>
<main>
${
  byName.size === 0
    ? '<p>No event type is described.</p>'
    : table(
        ['Type', 'What has happened'],
        [...byName].map(([type, { description = '' }]) => [
          `<a href="#${escaped(type)}"><code>${escaped(type)}</code></a>`,
          escaped(description),
        ]),
      )
}
<h2 id="requests">Each request</h2>
<p>A webhook is a <code>POST</code> request with a JSON body. These headers come with it:</p>
${table(
  ['Header', 'Meaning', 'Example'],
  requestHeaders.map(({ name, description, example }) => [code(name), inline(description), code(example)]),
)}
<p>Answer at once, and work on the message afterwards. The status decides:</p>
${table(
  ['Status', 'Meaning'],
  answers.map(({ status, description }) => [status === 'default' ? 'others' : status, inline(description)]),
)}
<p>A message that was not delivered is tried ${catalogue.scheduleMs.length} times:
${escaped(scheduleInWords(catalogue.scheduleMs).join(', '))}. The pauses vary by a fifth. Messages may arrive twice, and in another order.</p>
<h2 id="verify">Verify</h2>
<p>Signatures follow <a href="https://www.standardwebhooks.com">Standard Webhooks</a>. Your secret begins with <code>whsec_</code>.
Verify the body before you parse it.</p>
${verifySamples
  .map(({ language, needs, code: text }) => {
    const install = needs === '' ? '' : `<pre><code>${escaped(needs)}</code></pre>`;
    return `<details><summary>${escaped(language)}</summary>${install}<pre><code>${escaped(text)}</code></pre></details>`;
  })
  .join('\n')}
<h2 id="types">Types</h2>
${[...byName].map(([type, each]) => sectionOf(type, each)).join('\n')}
</main>
</body>
</html>
`;
}

function sectionOf(type: string, each: EventType): string {
  const { description, deprecated, published } = each;
  const rows = schemaRows(published).map(({ path, type: kind, required, rules, description: text }) => {
    const said = [text, ...rules].filter((part) => part !== '').join('; ');
    return [code(path), escaped(kind), required ? 'yes' : 'no', escaped(said)];
  });
  return `<section>
<h3 id="${escaped(type)}"><code>${escaped(type)}</code></h3>
${deprecated === undefined ? '' : `<p class="deprecated">Deprecated: ${escaped(deprecated)}</p>\n`}${paragraphs(description)}
${rows.length === 0 ? '<p>The data has no members that are described.</p>' : table(['Data', 'Type', 'Always there', 'Meaning'], rows)}
<pre><code>${escaped(JSON.stringify(exampleBody(type, each), null, 2))}</code></pre>
<details><summary>JSON Schema of the data</summary><pre><code>${escaped(JSON.stringify(published, null, 2))}</code></pre></details>
</section>`;
}

function contactOf({ types }: Catalogue): string {
  const { name, url, email } = types.about.contact ?? {};
  const target = url ?? (email === undefined ? undefined : `mailto:${email}`);
  const label = escaped(name ?? email ?? url ?? '');
  if (label === '') return '';
  return `\n<p>Questions: ${target === undefined ? label : `<a href="${escaped(target)}">${label}</a>`}</p>`;
}

function table(head: string[], rows: string[][]): string {
  const titles = head.map((title) => `<th scope="col">${title}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table>\n<thead><tr>${titles}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}

function paragraphs(text = ''): string {
  const parts = text.split(/\n{2,}/).filter((part) => part.trim() !== '');
  return parts.map((part) => `<p>${escaped(part.trim())}</p>`).join('\n');
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** Text of ours with code between backticks. */
function inline(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
