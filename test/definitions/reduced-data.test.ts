import fc from 'fast-check';
import { expect, it } from 'vitest';
import { testFile, testFilesAt } from '../../cli/commands/test.ts';
import { definitionFileOf } from '../../cli/definition-files.ts';
import { createCatalogue } from '../../activities/catalogue.ts';
import { installationOf, openDefinition } from '../../cli/open-definition.ts';
import { dataReferencesOf, pathsOf } from '../../language/data-references.ts';
import type { Definition } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { reduceData } from '../../language/reduce-data.ts';
import { completeEvent } from '../../simulator/complete-event.ts';
import { simulate, type SimulationOptions } from '../../simulator/simulate.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { arbitraryDefinition } from './arbitrary-definition.ts';
import { mocksOf } from './mocks-of.ts';

/** The definition with all that it reads of the event moved into the event's data. The keys of a `match` are about another event. */
function readingData<Of>(definition: Of): Of {
  const json = JSON.stringify(definition)
    .replaceAll(/\{\{event\.(?!data\.)/g, '{{event.data.')
    .replaceAll(/"event\.(?!data\.)([^"]*)"(?!:)/g, '"event.data.$1"');
  return JSON.parse(json) as Of;
}

/** The event with itself as its data, and with much that nobody reads. */
function withData(event: CanonicalEvent): CanonicalEvent {
  const data = { ...(event as unknown as Record<string, Json>), ...(event.data as object), unread: ['x'.repeat(300)] };
  return { ...event, data };
}

/** Without it, the simulator makes a later event from the first one, data included. */
function withOwnData<Entry extends object>(entry: Entry): Entry {
  return 'event' in entry ? { ...entry, event: { data: {}, ...(entry.event as object) } } : entry;
}

/** What happens over the whole event and over its reduced data. */
async function bothWays(options: SimulationOptions) {
  const { definition, event, children = {} } = options;
  const pinned = Object.entries(children).map(([name, child]) => [name, { definition: child, definitionHash: '' }]);
  const references = dataReferencesOf({ definition, children: Object.fromEntries(pinned) as never });
  const data = reduceData(event.data, references);
  const reduced = await simulate({ ...options, event: { ...event, data } });
  return { whole: await simulate(options), reduced, kept: pathsOf(references), data };
}

const shipped = await testFilesAt(['definitions/workflows', 'definitions/examples']);
const samples = await Promise.all(
  shipped.map(async (file) => {
    const { definition, children } = await openDefinition(definitionFileOf(file), 'test');
    const { results } = await testFile(file);
    return results.map(({ test }) => ({ file, test, definition: definition!, children }));
  }),
);

it.each(samples.flat().map((sample) => [`${sample.file}: ${sample.test.name}`, sample] as const))(
  'a shipped definition does the same over the reduced data: %s',
  async (_name, { definition, children, test: { event = {}, vars = {}, mocks = {}, events: script = [] } }) => {
    const options = {
      ...installationOf(createCatalogue()),
      ...{ vars, mocks, script: script.map(withOwnData) },
      definition: readingData<Definition>(definition),
      children: readingData(children),
      event: withData(completeEvent(event, definition).event),
    };
    const { whole, reduced, data } = await bothWays(options);
    expect(reduced).toEqual(whole);
    expect(data).not.toHaveProperty('unread');
  },
);

it('a generated definition does the same over the reduced data', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryDefinition, async ({ definition, answers }) => {
      const { whole, reduced, data } = await bothWays({
        definition: readingData(definition),
        event: withData(sampleEvent()),
        mocks: mocksOf(answers),
      });
      expect(reduced).toEqual(whole);
      expect(data).not.toHaveProperty('unread');
    }),
    { numRuns: 100 },
  );
});
