import type { Logger } from 'pino';
import type { FaultyDefinition } from './serve-definitions.ts';

/** A mistake in the definitions folder that did not keep Kait from starting. */
export interface Fault {
  kind: FaultKind;
  /** The file's path in the definitions folder, `workflows/shop.json`, or a part of it. */
  what: string;
  /** What is wrong, in the words of `kait validate`; of `secrets.json`, nothing of its text. May have several lines. */
  problem: string;
  /** What Kait does until it is corrected. */
  meanwhile: string;
}

export type FaultKind =
  'definition' | 'activity' | 'preset' | 'source' | 'mail-template' | 'event-type' | 'secrets' | 'settings' | 'people';

export function definitionFault({ file, problem, lastGood }: FaultyDefinition): Fault {
  const meanwhile =
    lastGood.length === 0
      ? 'Events that it might handle wait until it is corrected and Kait is restarted.'
      : `The last good version runs (${lastGood.map((hash) => hash.slice(0, 12)).join(', ')}).`;
  return { kind: 'definition', what: file === '' ? 'workflows' : `workflows/${file}`, problem, meanwhile };
}

/** A file of the project's `activities`. */
export function activityFault(file: string, problem: string): Fault {
  const meanwhile =
    'Its last good version runs, if this process has one. Otherwise steps that call it are tried again, and definitions that call it are not served.';
  return { kind: 'activity', what: file, problem, meanwhile };
}

export function presetFault(name: string, problem: string): Fault {
  const meanwhile = 'Webhooks of its sources are answered with 503, so that the gateway sends them again.';
  return { kind: 'preset', what: `gateways/${name}.json`, problem, meanwhile };
}

/** `name` is null if the whole file cannot be read. */
export function sourceFault(name: string | null, problem: string): Fault {
  const whose = name === null ? 'All webhooks' : 'Its webhooks';
  const meanwhile = `${whose} are answered with 503, so that the gateway sends them again.`;
  return { kind: 'source', what: name === null ? 'sources.json' : `sources.json (${name})`, problem, meanwhile };
}

/** A mistake in `secrets.json`, if there is one. */
export function secretsFaults(problem: string | null): Fault[] {
  if (problem === null) return [];
  const meanwhile =
    'A worker that knows its last good version keeps to it. Others send no secret, and the steps that need one are tried again. A correction takes effect within five seconds.';
  return [{ kind: 'secrets', what: 'secrets.json', problem, meanwhile }];
}

/** The mistakes in `settings.json`, if there are any. */
export function settingsFaults(problem: string | null): Fault[] {
  if (problem === null) return [];
  const meanwhile = 'Definitions that read settings cannot run, and events that may be for them wait.';
  return [{ kind: 'settings', what: 'settings.json', problem, meanwhile }];
}

/** The mistakes in `people.json`, if there are any. */
export function peopleFaults(problem: string | null): Fault[] {
  if (problem === null) return [];
  const meanwhile = 'Nobody has a role, so answers to questions that ask for one do not count, and nobody is mailed.';
  return [{ kind: 'people', what: 'people.json', problem, meanwhile }];
}

export function eventTypeFault([name, problem]: readonly [name: string, problem: string]): Fault {
  const meanwhile = 'What steps emit of this type is not checked.';
  return { kind: 'event-type', what: `event-types/${name}.json`, problem, meanwhile };
}

export function mailFault([name, problem]: readonly [name: string, problem: string]): Fault {
  const meanwhile = 'Its mails wait, unless a worker knows its last good version.';
  return { kind: 'mail-template', what: `mails/${name}.json`, problem, meanwhile };
}

/** Says what is wrong at the start and again and again, because a mistake that was logged once is soon forgotten. */
export interface FaultLog {
  start(): void;
  stop(): void;
}

const repeatMs = 10 * 60 * 1_000;

export function createFaultLog({ faults, log }: { faults: () => Fault[]; log: Pick<Logger, 'error'> }): FaultLog {
  let timer: NodeJS.Timeout | undefined;
  const logAll = () => {
    for (const { problem, ...fault } of faults()) log.error({ ...fault, problem }, `mistake in ${fault.what}`);
  };
  return {
    start() {
      logAll();
      timer = setInterval(logAll, repeatMs);
    },
    stop: () => clearInterval(timer),
  };
}

export function countFaults(faults: readonly Fault[]): Record<FaultKind, number> {
  const count = (kind: FaultKind) => faults.filter((each) => each.kind === kind).length;
  return {
    definition: count('definition'),
    activity: count('activity'),
    preset: count('preset'),
    source: count('source'),
    'mail-template': count('mail-template'),
    'event-type': count('event-type'),
    secrets: count('secrets'),
    settings: count('settings'),
    people: count('people'),
  };
}

/** For people who look at a terminal. */
export function formatFaults(faults: readonly Fault[]): string {
  return faults.map(({ what, problem, meanwhile }) => `Mistake in ${what}. ${meanwhile}\n${problem}`).join('\n\n');
}
