import type { EventType } from '../../language/event-types.ts';
import { answers, type Catalogue, exampleBody, requestHeaders, scheduleInWords } from './catalogue.ts';
import { schemaRows } from './schema-table.ts';
import { verifySamples } from './verify-samples.ts';

/** The whole catalogue as Markdown. */
export function catalogueMarkdown(catalogue: Catalogue): string {
  const { about, byName } = catalogue.types;
  const types = [...byName].map(([type, each]) => typeMarkdown(type, each));
  const list = [...byName].map(([type, { description = '' }]) => [`\`${type}\``, description]);
  const parts = [
    `# ${about.title}`,
    ...(about.description === undefined ? [] : [about.description]),
    byName.size === 0 ? 'No event type is described.' : table(['type', 'what has happened'], list),
    '## Each request',
    'A webhook is a `POST` request with a JSON body. These headers come with it:',
    table(
      ['header', 'meaning'],
      requestHeaders.map(({ name, description }) => [`\`${name}\``, description]),
    ),
    'Answer at once, and work on the message afterwards. The status decides:',
    table(
      ['status', 'meaning'],
      answers.map(({ status, description }) => [status === 'default' ? 'others' : status, description]),
    ),
    `A message that was not delivered is tried ${catalogue.scheduleMs.length} times: ${scheduleInWords(catalogue.scheduleMs).join(', ')}. The pauses vary by a fifth. Messages may arrive twice, and in another order.`,
    '## Verify',
    'Signatures follow [Standard Webhooks](https://www.standardwebhooks.com). Your secret begins with `whsec_`. Verify the body before you parse it.',
    ...verifySamples.flatMap(({ language, fence, needs, code }) => [
      `### ${language}`,
      ...(needs === '' ? [] : [fenced('sh', needs)]),
      fenced(fence, code),
    ]),
    '## Types',
    ...types,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One type as Markdown. */
export function typeMarkdown(type: string, each: EventType): string {
  const { description, deprecated, published } = each;
  const rows = schemaRows(published).map(({ path, type: kind, required, rules, description: text }) => {
    const said = [text, ...rules].filter((part) => part !== '').join('; ');
    return [`\`${path}\``, kind, required ? 'yes' : 'no', said];
  });
  const parts = [
    `### ${type}`,
    ...(deprecated === undefined ? [] : [`**Deprecated:** ${deprecated}`]),
    ...(description === undefined ? [] : [description]),
    rows.length === 0
      ? 'The data has no members that are described.'
      : table(['data', 'type', 'always there', 'meaning'], rows),
    fenced('json', JSON.stringify(exampleBody(type, each), null, 2)),
  ];
  return parts.join('\n\n');
}

/** A fence that is longer than any within. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cellOf).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cellOf(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
}
