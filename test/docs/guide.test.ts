import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'jsonc-parser';
import { expect, it } from 'vitest';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import { runSimulate } from '../../cli/commands/simulate.ts';
import { checkDefinition } from '../../language/check.ts';
import { readPeople } from '../../language/check/people-file.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { readJsonText } from '../../language/json-file.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import { createSourcesSchema } from '../../server/gateway/source-schema.ts';
import { noEnvironment } from '../../server/gateway/sources.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const definitionsFolder = fileURLToPath(new URL('../../definitions', import.meta.url));
const guide = readFileSync(new URL('../../docs/GUIDE.md', import.meta.url), 'utf8');
const presets = await loadPresets(join(definitionsFolder, 'gateways'));

function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code);
}

/** The definition after each chapter that adds steps, or replaces those with the same id. */
function chapters(): Definition[] {
  const [first = '', ...additions] = blocks('jsonc');
  const start = parse(first) as Definition;
  return additions.reduce<Definition[]>(
    (grown, addition) => {
      const steps = [...(grown.at(-1) ?? start).steps];
      for (const step of parse(addition) as Step[]) {
        const position = steps.findIndex(({ id }) => id === step.id);
        steps.splice(position < 0 ? steps.length : position, position < 0 ? 0 : 1, step);
      }
      return [...grown, { ...start, steps }];
    },
    [start],
  );
}

const grown = chapters().map((definition, index) => ({ chapter: index + 1, definition }));
const [later = '', ...sources] = blocks('json');

it('grows its definition eight times', () => {
  expect(grown).toHaveLength(8);
});

it.each(grown)('teaches a definition without a finding: state $chapter', ({ definition }) => {
  const text = JSON.stringify(definition, null, 2);
  expect(checkDefinition({ text, file: 'shop.json', activities: builtInActivities }).findings).toEqual([]);
});

it('simulates the refund with the later events that it shows', async () => {
  const folder = await temporaryFolder();
  const [definition, events] = [join(folder, 'shop.json'), join(folder, 'later.json')];
  const waiting = grown.find(({ definition: { steps } }) => steps.at(-1)?.id === 'refunded');
  await writeFile(definition, JSON.stringify(waiting?.definition));
  await writeFile(events, later);
  const lines: string[] = [];
  const options = { sample: 'stripe/payment_intent.succeeded', events };
  const exitCode = await runSimulate(definition, options, definitionsFolder, (line) => lines.push(line));
  expect({ exitCode, output: lines.join('\n') }).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/\+2h .*refund[\s\S]*✔ +cancel +orders\.cancel[\s\S]*completed after 3h/),
  });
});

it.each(['daily-report', 'give-back'])('shows a definition without a finding: %s', (name) => {
  const text = blocks('js').find((block) => block.includes(`"name": "${name}"`)) ?? '';
  expect(checkDefinition({ text, file: `${name}.json`, activities: builtInActivities }).findings).toEqual([]);
});

it('shows a question and people that have no mistakes', () => {
  const [question = '', people = ''] = blocks('js').filter((block) =>
    /^ *"approve"|"roles": \["finance"\] },/m.test(block),
  );
  const definition = { name: 'refund', on: { event: 'payment.disputed' }, steps: [parse(question) as Step] };
  const { findings } = checkDefinition({
    text: JSON.stringify(definition),
    file: 'refund.json',
    activities: builtInActivities,
  });
  expect(findings).toEqual([]);
  expect(readPeople({ file: 'people.json', text: people }).people?.get('ana')?.roles).toEqual(['finance']);
});

it.each(sources)('shows sources that have no mistakes: block %#', (text) => {
  const whole = text.startsWith('{') ? text : `{${text}}`;
  expect(readJsonText(createSourcesSchema(presets, noEnvironment), whole, 'sources.json').mistakes).toEqual([]);
});
