import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type Change, changeKinds, compareNewest, type Newest } from './read-changes.ts';

/** A change, and the place after it. */
export interface PlacedChange {
  change: Change;
  place: string;
}

/** Tells many viewers what changes. They share one look at the database. */
export interface ChangeHub {
  /**
   * The changes after `from`, then those to come, until the signal is aborted. Null, a place that is not known any more, or one of another server: begins
   * with "anything may have changed", so that what a page has read before is not missed. Null is yielded when nothing has changed for a while.
   */
  follow(from: string | null, signal: AbortSignal): AsyncGenerator<PlacedChange | null>;
}

export interface ChangeHubDeps {
  readNewest: () => Promise<Newest>;
  /** What else can change, as a text for each kind. Asked less often. */
  readFigures: () => Promise<Figures>;
  pause: (ms: number) => Promise<void>;
  log: Pick<Logger, 'warn'>;
}

type Figures = Partial<Record<Change['kind'], string>>;

const pauseMs = 1_000;
/** After a failure. */
const failedPauseMs = 5_000;
/** Looks at the database between two looks at the figures. */
const looksPerFigures = 5;
/** How many looks without a change until viewers hear that the stream is alive. Their sessions are checked then. */
const looksPerBeat = 5;
/** The latest changes, for viewers that come back or are slow. */
const mostKept = 200;

/** Looks only while somebody follows. */
export function createChangeHub({ readNewest, readFigures, pause, log }: ChangeHubDeps): ChangeHub {
  let viewers = 0;
  let looking: Promise<void> | null = null;
  /** Of the looks since somebody has followed. Places of others are not known. */
  let epoch = randomUUID();
  let kept: Change[] = [];
  /** The number of the first of them. */
  let first = 0;
  let beats = 0;
  /** Whether the first look is over. What changes after it is noticed. */
  let isReady = false;
  const waiting = new Set<() => void>();

  const wakeAll = () => {
    for (const wake of waiting) wake();
    waiting.clear();
  };

  function tell(changes: readonly Change[]): void {
    kept.push(...changes);
    const surplus = Math.max(0, kept.length - mostKept);
    kept = kept.slice(surplus);
    first += surplus;
  }

  /** Not waited for: the status asks Temporal, which may take its time. */
  function askFigures(told: { latest: Figures | null; isAsked: boolean }): void {
    told.isAsked = true;
    readFigures()
      .then((figures) => void (told.latest = figures))
      .catch((err: unknown) => log.warn({ err }, 'the status could not be read'))
      .finally(() => void (told.isAsked = false));
  }

  async function look(): Promise<void> {
    let newest: Newest | null = null;
    let figures: Figures | null = null;
    const asked: { latest: Figures | null; isAsked: boolean } = { latest: null, isAsked: false };
    for (let looks = 0, quiet = 0; viewers > 0; looks += 1) {
      if (looks % looksPerFigures === 0 && !asked.isAsked) askFigures(asked);
      try {
        const read = await readNewest();
        const changes = newest === null ? [] : compareNewest(newest, read);
        newest = read;
        if (figures !== null && asked.latest !== null) changes.push(...compareFigures(figures, asked.latest, changes));
        figures = asked.latest ?? figures;
        tell(changes);
        isReady = true;
        quiet = changes.length === 0 ? quiet + 1 : 0;
      } catch (err) {
        log.warn({ err }, 'what has changed could not be read');
        quiet = looksPerBeat;
        await pause(failedPauseMs);
      }
      if (quiet > 0 && quiet % looksPerBeat === 0) beats += 1;
      wakeAll();
      await pause(pauseMs);
    }
  }

  /** Whoever follows again before the last look has ended goes on with it. */
  async function lookUntilLeft(): Promise<void> {
    while (viewers > 0) await look();
    looking = null;
    isReady = false;
    epoch = randomUUID();
    [kept, first] = [[], 0];
  }

  const placeOf = (number: number) => `${epoch}.${number}`;

  /** Null: not known. */
  function numberOf(place: string): number | null {
    const [, of, number = ''] = /^([\da-f-]{36})\.(\d{1,15})$/.exec(place) ?? [];
    const at = Number(number);
    return of === epoch && at >= first && at <= first + kept.length ? at : null;
  }

  return {
    async *follow(from, signal) {
      viewers += 1;
      looking ??= lookUntilLeft();
      try {
        while (!isReady && !signal.aborted) await untilWoken(waiting, signal);
        const known = from === null ? null : numberOf(from);
        let next = known ?? first + kept.length;
        let beat = beats;
        if (known === null) yield* anything(placeOf(next));
        while (!signal.aborted) {
          if (next < first) {
            // Too slow: what it missed is gone.
            next = first + kept.length;
            yield* anything(placeOf(next));
          }
          const change = kept[next - first];
          if (change !== undefined) {
            next += 1;
            yield { change, place: placeOf(next) };
          } else if (beat === beats) {
            await untilWoken(waiting, signal);
          } else {
            beat = beats;
            yield null;
          }
        }
      } finally {
        viewers -= 1;
      }
    },
  };
}

function anything(place: string): PlacedChange[] {
  return changeKinds.map((kind) => ({ change: { kind, things: [], complete: false }, place }));
}

function compareFigures(before: Figures, now: Figures, told: readonly Change[]): Change[] {
  return changeKinds
    .filter((kind) => before[kind] !== now[kind] && !told.some((change) => change.kind === kind))
    .map((kind) => ({ kind, things: [], complete: false }));
}

function untilWoken(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
  });
}
