import { KaitError } from '../../errors.ts';
import type { ActivityTypes } from '../../language/check.ts';
import type { Definition } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { formatFindings } from '../../language/finding.ts';
import { printable } from '../../language/printable.ts';
import { completeEvent, sampleInstant, type PartialEvent } from '../../simulator/complete-event.ts';
import {
  checkEvent,
  checkMocksFile,
  checkScriptFile,
  type CheckedInput,
  type InputFile,
} from '../../simulator/definition-tests/check-inputs.ts';
import { formatSimulation } from '../../simulator/format-simulation.ts';
import { explainTrigger, type ExplainedTrigger } from '../../simulator/explain-trigger.ts';
import { simulate, type SimulationOptions } from '../../simulator/simulate.ts';
import { readText } from '../definition-files.ts';
import { installationOf, openDefinition } from '../open-definition.ts';
import { paint } from '../terminal.ts';
import { sampleEvent } from '../samples.ts';

/** The command's options. Files are given by their paths. */
export interface SimulateOptions {
  event?: string;
  /** `<gateway>/<sample>`, instead of an event. */
  sample?: string;
  events?: string;
  mocks?: string;
  json?: boolean;
}

/**
 * `kait simulate`: runs a definition on a virtual clock and writes what it did. `definitions` is the folder with the gateways'
 * presets and samples. Resolves to the exit code: 0 if the run completed.
 */
export async function runSimulate(
  file: string,
  options: SimulateOptions,
  definitions: string,
  write: (text: string) => void,
): Promise<number> {
  if (options.event !== undefined && options.sample !== undefined) {
    throw new KaitError('KAIT_USAGE', 'Expected --event or --sample, got both.');
  }
  const opened = await openDefinition(file, 'simulate');
  const { text, findings, definition, children, settings, catalogue } = opened;
  if (definition === null) {
    write(formatFindings({ file, text, findings }));
    return 1;
  }
  const installation = installationOf(catalogue);
  const { activities } = installation;
  const inputs = await readInputs(options, { definition, children, activities, definitions, write });
  if (inputs === undefined) return 1;
  const { event, filled } = completeEvent(inputs.event, definition);
  const trigger = explainTrigger(definition, event, settings?.values);
  if (definition.on !== 'run' && !trigger.triggered) {
    const { triggered, because } = trigger;
    if (options.json === true) write(JSON.stringify({ event, triggered, because }, null, 2));
    else write(heading(definition, event, { filled, trigger }));
    return 1;
  }
  const simulation = await simulate({
    ...installation,
    ...inputs,
    definition,
    children,
    event,
    settings: settings?.values ?? {},
  });
  if (options.json === true) write(JSON.stringify({ event, ...simulation }, null, 2));
  else write(`${heading(definition, event, { filled, trigger })}\n\n${formatSimulation(simulation, paint)}`);
  return simulation.status === 'completed' ? 0 : 1;
}

function heading(
  { name, on }: Definition,
  { type, id, source }: CanonicalEvent,
  { filled, trigger }: { filled: string[]; trigger: ExplainedTrigger },
): string {
  return [
    `${paint('strong', name)}  ${printable(`${type} ${id} from ${source}`)}`,
    ...(filled.length === 0 ? [] : [paint('faint', `filled in: ${filled.join(', ')}`)]),
    ...(on === 'run' ? [] : [triggerLine(trigger)]),
  ].join('\n');
}

function triggerLine({ triggered, because }: ExplainedTrigger): string {
  const reason = printable(because);
  return triggered ? paint('faint', `triggered: ${reason}`) : paint('caution', `not triggered: ${reason}`);
}

interface Inputs extends Pick<SimulationOptions, 'mocks' | 'script'> {
  event: PartialEvent;
}

/** Reads and checks the files. Resolves to undefined if one has mistakes, after writing them. */
async function readInputs(
  options: SimulateOptions,
  deps: {
    definition: Definition;
    children: Readonly<Record<string, Definition>>;
    activities: ActivityTypes;
    definitions: string;
    write: (text: string) => void;
  },
): Promise<Inputs | undefined> {
  const read = async <Value>(
    file: string | undefined,
    check: (input: InputFile) => CheckedInput<Value>,
    none: Value,
  ) => {
    if (file === undefined) return none;
    const input = { file, text: await readText(file) };
    const { value, findings } = check(input);
    if (findings.length > 0) deps.write(formatFindings({ ...input, findings }));
    return value;
  };
  const given = await read<PartialEvent>(options.event, checkEvent, {});
  const mocks = await read(options.mocks, (input) => checkMocksFile(input, deps), {});
  const script = await read(options.events, (input) => checkScriptFile(input, deps), []);
  if (given === undefined || mocks === undefined || script === undefined) return undefined;
  if (options.sample === undefined) return { event: given, mocks, script };
  return { event: await sampleEvent(options.sample, deps.definitions, sampleInstant), mocks, script };
}
