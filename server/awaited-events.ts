import type { CanonicalEvent } from '../language/event.ts';
import { parseSource } from '../language/check/parse-source.ts';
import { isObject } from '../language/json.ts';
import { manualType, scheduleType } from '../language/triggers.ts';
import type { DispatchOutcome } from './dispatch-event.ts';
import type { CheckedFile } from './load-definitions.ts';

/** Something with a mistake that leaves open what to do with an event: `workflows/shop.json`. Events that may be for it wait. */
export interface AwaitedFile {
  file: string;
  /** The types, canonical or native, of the events that it may be for. Null: it cannot be told, so all of them. */
  types: readonly string[] | null;
}

/** Reads the types of events that a definition with mistakes is for. Null if there may be a mistake in its trigger. */
export function awaitedTypes({
  file,
  text,
  findings,
}: Pick<CheckedFile, 'file' | 'text' | 'findings'>): string[] | null {
  const { value } = parseSource(file, text);
  if (!isObject(value) || findings.some(({ pointer }) => /^\/on(\/|$)/.test(pointer))) return null;
  if (value.on === 'run') return []; // Those that run it have a mistake as well: events wait for them.
  if (!isObject(value.on)) return null;
  const own = [
    ...(value.on.schedule === undefined ? [] : [scheduleType]),
    ...(value.on.manual === undefined ? [] : [manualType]),
  ];
  return [...[value.on.event].flat().filter((type) => typeof type === 'string'), ...own];
}

/** Thrown if a stored event cannot be read until a mistake is corrected. */
export class AwaitedError extends Error {
  readonly file: string;

  constructor(file: string) {
    super(`${file} has a mistake`);
    this.name = 'AwaitedError';
    this.file = file;
  }
}

type TypedEvent = Pick<CanonicalEvent, 'type' | 'nativeType'>;

/** Whether an event may be for one of the files. */
export function isAwaited(awaited: readonly AwaitedFile[], event: TypedEvent): boolean {
  return waitsFor(awaited, event).length > 0;
}

/**
 * Lets an event wait for each file that it may be for. The runs that were started for it count; whoever offers it again starts only
 * those that are missing. What another definition could not start is tried again with it.
 */
export function withAwaited(
  outcome: DispatchOutcome,
  event: CanonicalEvent,
  awaited: readonly AwaitedFile[],
): DispatchOutcome {
  const files = waitsFor(awaited, event);
  if (files.length === 0 || outcome.kind === 'unstarted' || outcome.kind === 'waiting') return outcome;
  if (outcome.kind === 'refused' && outcome.certain !== true) return outcome; // It is tried again in any case.
  if (outcome.kind === 'refused' && outcome.doubtful !== undefined) return outcome; // It needs an operator first.
  return waiting(files, outcome.runs, outcome.kind === 'refused' ? outcome.reason : undefined);
}

/** The outcome for an event that waits for files with mistakes. */
export function waiting(
  files: readonly string[],
  runs: Extract<DispatchOutcome, { kind: 'waiting' }>['runs'] = [],
  refused?: string,
): DispatchOutcome {
  const reason = `waits for ${files.join(', ')}, where a mistake is to be corrected`;
  return {
    kind: 'waiting',
    runs,
    waitsFor: [...files],
    reason: refused === undefined ? reason : `${reason}; ${refused}`,
  };
}

function waitsFor(awaited: readonly AwaitedFile[], { type, nativeType }: TypedEvent): string[] {
  return awaited
    .filter(({ types }) => types === null || types.includes(type) || types.includes(nativeType))
    .map(({ file }) => file);
}
