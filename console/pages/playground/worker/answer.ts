import { graphOf } from '../../../../authoring/definition-graph.ts';
import { formatDefinition } from '../../../../authoring/format-definition.ts';
import { checkDefinition } from '../../../../language/check.ts';
import type { Definition } from '../../../../language/definition.ts';
import { completeEvent } from '../../../../simulator/complete-event.ts';
import { checkEvent, checkMocksFile, checkScriptFile } from '../../../../simulator/definition-tests/check-inputs.ts';
import { coverageOfSteps } from '../../../../simulator/definition-tests/coverage.ts';
import { formatDifferences } from '../../../../simulator/definition-tests/format-results.ts';
import { runTestFile } from '../../../../simulator/definition-tests/run-tests.ts';
import { explainTrigger } from '../../../../simulator/explain-trigger.ts';
import { simulate } from '../../../../simulator/simulate.ts';
import { createWhatIf } from '../../../../simulator/what-if/what-if.ts';
import { type Installation, installationOf } from './installation.ts';
import { type Answers, longestTrace, type Question, type Questions } from './protocol.ts';

const file = 'draft.json';
const testFile = 'draft.test.json';
/** Enough for a loop over the items of an order, and not too much for a page. */
const limits = { steps: 20_000, turns: 100_000 };

/** Answers what the page asks. What it was told of the installation is kept. */
export function createAnswerer(): (question: Question) => Promise<Answers[keyof Answers]> {
  let installation: Installation | null = null;
  const known = (): Installation => {
    if (installation === null) throw new Error('The worker was asked before it was told what to check against');
    return installation;
  };
  return async ({ kind, what }) => {
    switch (kind) {
      case 'bench':
        installation = installationOf(what as Questions['bench']);
        return null;
      case 'check':
        return check(what as Questions['check'], known());
      case 'format':
        return formatDefinition({ file, text: (what as Questions['format']).text }).text ?? null;
      case 'simulate':
        return run(what as Questions['simulate'], known());
      case 'test':
        return test(what as Questions['test'], known());
      case 'whatIf':
        return compare(what as Questions['whatIf'], known());
    }
  };
}

function check({ text }: Questions['check'], installation: Installation): Answers['check'] {
  const { definition, findings } = checkDefinition({ text, file, ...installation.check });
  return { definition, findings, graph: definition === null ? null : graphOf(definition, installation.rules) };
}

async function run(
  { text, event: given, answers, later }: Questions['simulate'],
  installation: Installation,
): Promise<Answers['simulate']> {
  const { definition, findings } = checkDefinition({ text, file, ...installation.check });
  if (definition === null) return { kind: 'mistakes', where: 'draft', findings };
  const { activities, definitions } = installation;
  const children = withDraft(definitions, definition);
  const surroundings = { definition, children, activities };
  const partial = checkEvent({ file: 'event.json', text: JSON.stringify(given ?? {}) });
  if (partial.value === undefined) return { kind: 'mistakes', where: 'event', findings: partial.findings };
  const mocks = checkMocksFile({ file: 'answers.json', text: answers }, surroundings);
  if (mocks.value === undefined) return { kind: 'mistakes', where: 'answers', findings: mocks.findings };
  const script = checkScriptFile({ file: 'later.json', text: later }, surroundings);
  if (script.value === undefined) return { kind: 'mistakes', where: 'later', findings: script.findings };
  const { event, filled } = completeEvent(partial.value, definition);
  const { triggered, because } = explainTrigger(definition, event, installation.settings);
  const about = { event, filled, because };
  if (definition.on !== 'run' && !triggered) return { kind: 'not-triggered', ...about, simulation: null };
  const simulation = await simulate({
    ...{ definition, children, event, activities, limits },
    ...{ mocks: mocks.value, script: script.value, settings: installation.settings },
    ...{ finalErrors: installation.finalErrors, harmlessErrors: installation.harmlessErrors },
  });
  const trace = simulation.trace.slice(0, longestTrace);
  return { kind: 'ran', ...about, simulation: { ...simulation, trace } };
}

/** As `kait test` does it, with the same code. */
async function test({ text, tests }: Questions['test'], installation: Installation): Promise<Answers['test']> {
  const { definition, findings } = checkDefinition({ text, file, ...installation.check });
  if (definition === null) return { kind: 'mistakes', where: 'draft', findings };
  const { activities, definitions, defaults, finalErrors, harmlessErrors } = installation;
  const tested = await runTestFile(
    { file: testFile, text: tests },
    { definition, text },
    { activities, finalErrors, harmlessErrors, children: withDraft(definitions, definition), settings: defaults },
  );
  if (tested.results.length === 0) return { kind: 'mistakes', where: 'tests', findings: tested.findings };
  return {
    kind: 'ran',
    results: tested.results.map(({ test: { name }, differences, simulation }) => ({
      ...{ name, differences: formatDifferences(differences) },
      end: simulation && {
        ...{
          status: simulation.status,
          after: simulation.endedAt,
          steps: simulation.trace.length,
          isCutOff: simulation.isCutOff,
        },
      },
    })),
    coverage: tested.coverage,
    steps: coverageOfSteps({ definition, text }, tested.results),
  };
}

async function compare(
  { text, served, events }: Questions['whatIf'],
  installation: Installation,
): Promise<Answers['whatIf']> {
  const { definition } = checkDefinition({ text, file, ...installation.check });
  if (definition === null) return null;
  const { activities, definitions, settings, finalErrors, harmlessErrors } = installation;
  const comparison = createWhatIf({
    draft: { definition, children: withDraft(definitions, definition) },
    served: served === null ? null : { definition: served, children: definitions },
    surroundings: { activities, settings, finalErrors, harmlessErrors },
  });
  for (const event of events) {
    if (typeof event === 'string') comparison.skip(event);
    else await comparison.add(event);
  }
  return comparison.result();
}

/** A draft takes the place of what is served under its name. */
function withDraft(definitions: Readonly<Record<string, Definition>>, draft: Definition): Record<string, Definition> {
  return { ...definitions, [draft.name]: draft };
}
