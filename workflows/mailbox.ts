import { approvalLimits, type GivenAnswer, personKey, type Refusal, refusalTexts } from '../language/approval.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { printable, shortened } from '../language/printable.ts';
import { runLimits } from '../language/verbs.ts';
import { utf8Length } from '../language/well-formed.ts';
import { createCommandSlots, type CommandableState, type CommandSlots } from './commands.ts';

/** An answer to an `approve` step. `step` is the step's key: its id, unless it is in a loop. */
export interface ApprovalDecision extends GivenAnswer {
  step: string;
  /** Set by Kait's server: see `storage/approvals/decision-seal.ts`. Without it, somebody answered by way of Temporal. */
  origin?: DecisionOrigin;
}

/** Where an answer came from. */
export interface DecisionOrigin {
  via: 'api' | 'cli' | 'mail';
  /** The address of who used a link. */
  address: string | null;
  /** SHA-256 (hex) of the link's token. */
  link: string | null;
  /** Proves that Kait's server wrote it. */
  seal: string;
}

/** An answer with the id of the update that brought it. */
export interface NumberedDecision extends ApprovalDecision {
  id: string;
}

/** Why an answer does not count, in a form that the sender's program can tell apart. */
export class DecisionRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal, message: string) {
    super(message);
    this.name = 'DecisionRefused';
    this.refusal = refusal;
  }
}

/** Events and answers that reach a running run from outside. */
export interface Mailbox {
  /**
   * Offers an event to the steps that listen, and otherwise keeps it until a `waitFor` takes it. A repeat is dropped, and so are the oldest
   * events beyond the limits, so that a flood neither fills a run up nor keeps it from continuing as new.
   */
  receive(event: CanonicalEvent): void;
  /**
   * Lets a step take events as they arrive: after a pause of the worker, more may arrive at once than the mailbox keeps. `take` must not
   * throw. Call what is returned to end it.
   */
  listen(take: (event: CanonicalEvent) => boolean): () => void;
  /** Takes the first event that matches. Each is taken once. */
  takeEvent(matches: (event: CanonicalEvent) => boolean): CanonicalEvent | undefined;
  /** Takes an event that the inbox has, as if it had been received. False if it was taken before. */
  takeStored(event: CanonicalEvent): boolean;
  /** Grows whenever events are dropped. The inbox has those that it has sent. */
  drops(): number;
  asks: Asks;
  /** Where operators' commands reach steps. */
  commands: CommandSlots;
  /** Keeps a note for operators of what the run dropped, and why. Says nothing twice. */
  note(text: string): void;
  /** The newest notes, the oldest first. */
  notes(): readonly string[];
  /** The contents, for a run that continues as new. */
  carried(): CarriedMail;
}

export interface CarriedMail {
  events: CanonicalEvent[];
  /** `<source>/<event id>` of the events that were taken, so that they are not taken again. */
  taken: string[];
  drops: number;
  /** The keys of the steps that ask people. */
  asking: string[];
  /** The steps that take commands, and in which state they are. */
  commandable: [key: string, state: CommandableState][];
  notes: string[];
}

/** The `approve` steps that wait, by their keys. */
interface Asks {
  /** Begins to wait. `refuses` says why an answer cannot count. */
  open(key: string, refuses: (decision: ApprovalDecision) => Refusal | null): Ask;
  /** Throws a {@link DecisionRefused} if the answer cannot count. */
  check(decision: ApprovalDecision): void;
  /** Hands an answer to its step. Throws as `check` does. Resolves when the step has dealt with it. */
  put(decision: NumberedDecision): Promise<Settled>;
  /** Ends all waits, so that no answer is left without an outcome. */
  closeAll(): void;
}

/** An answer that the step has dealt with. Null: it counts. */
export interface Settled {
  refusal: Refusal | null;
}

export interface Ask {
  /** The first answer that the step has not dealt with. */
  next(): NumberedDecision | undefined;
  /** Says what came of it. */
  settle(refusal: Refusal | null): void;
  /** Ends the wait. What is left does not count. */
  close(): void;
}

/** Beyond this many ids of taken events, or bytes of them, the oldest are forgotten. */
const mostTaken = 1_000;
const mostBytesTaken = 50_000;
const mostNotes = 10;
const longestNote = 300;

/** `noted` is called for each new note. */
export function createMailbox(carried?: CarriedMail, noted?: (text: string) => void): Mailbox {
  const events = [...(carried?.events ?? [])];
  const taken = [...(carried?.taken ?? [])];
  const asks = createAsks(carried?.asking ?? []);
  const commands = createCommandSlots(carried?.commandable);
  const notes = [...(carried?.notes ?? [])];
  const listeners = new Set<(event: CanonicalEvent) => boolean>();
  let drops = carried?.drops ?? 0;

  return {
    receive(event) {
      if (taken.includes(idOf(event)) || events.some((each) => idOf(each) === idOf(event))) return;
      if ([...listeners].some((take) => take(event))) {
        remember(event);
        return;
      }
      events.push(event);
      const { keptEvents, keptEventBytes } = runLimits;
      if (!dropOldest(events, keptEvents, keptEventBytes)) return;
      drops += 1;
      note('Events that no step took were dropped: too many wait');
    },
    listen(take) {
      listeners.add(take);
      return () => void listeners.delete(take);
    },
    takeEvent(matches) {
      const position = events.findIndex(matches);
      const event = position < 0 ? undefined : events.splice(position, 1)[0];
      if (event !== undefined) remember(event);
      return event;
    },
    takeStored(event) {
      if (taken.includes(idOf(event))) return false;
      const position = events.findIndex((each) => idOf(each) === idOf(event));
      if (position >= 0) events.splice(position, 1);
      remember(event);
      return true;
    },
    drops: () => drops,
    asks,
    commands,
    note,
    notes: () => notes,
    carried: () => ({
      events: [...events],
      taken: [...taken],
      drops,
      asking: asks.keys(),
      commandable: commands.open(),
      notes: [...notes],
    }),
  };

  function remember(event: CanonicalEvent): void {
    taken.push(idOf(event));
    dropOldest(taken, mostTaken, mostBytesTaken);
  }

  function note(text: string): void {
    const short = shortened(printable(text), longestNote);
    if (notes.includes(short)) return;
    notes.push(short);
    if (notes.length > mostNotes) notes.shift();
    noted?.(short);
  }
}

/**
 * Drops from the front until the rest fits, but never the last one. Returns whether it dropped something. Counts bytes, as the limit of
 * what a run carries does: senders choose the letters.
 */
function dropOldest(list: unknown[], mostItems: number, mostBytes: number): boolean {
  const sizes = list.map((each) => utf8Length(JSON.stringify(each)));
  let size = sizes.reduce((sum, each) => sum + each, 0);
  let dropped = 0;
  while (list.length - dropped > 1 && (list.length - dropped > mostItems || size > mostBytes)) {
    size -= sizes[dropped] ?? 0;
    dropped += 1;
  }
  list.splice(0, dropped);
  return dropped > 0;
}

export function refusedDecision(refusal: Refusal, step: string): DecisionRefused {
  return new DecisionRefused(refusal, `Step "${step}": ${refusalTexts[refusal]}`);
}

interface OpenAsk {
  refuses: (decision: ApprovalDecision) => Refusal | null;
  waiting: { decision: NumberedDecision; settle: (settled: Settled) => void }[];
}

/** A run that continues as new takes answers for the steps that wait before these have found where they were. */
function createAsks(carried: string[]): Asks & { keys: () => string[] } {
  const open = new Map<string, OpenAsk>(carried.map((key) => [key, { refuses: () => null, waiting: [] }]));

  function check(decision: ApprovalDecision): OpenAsk {
    const ask = open.get(decision.step);
    if (ask === undefined) {
      throw new DecisionRefused('not-waiting', notWaiting(decision.step, [...open.keys()]));
    }
    const isUnderWay = ask.waiting.some(({ decision: { by } }) => personKey(by) === personKey(decision.by));
    const refusal = isUnderWay ? 'already-decided' : ask.refuses(decision);
    if (refusal !== null) throw refusedDecision(refusal, decision.step);
    if (ask.waiting.length >= approvalLimits.underWay) throw new Error('Too many answers are under way. Try again.');
    return ask;
  }

  function close(key: string): void {
    const waiting = open.get(key)?.waiting ?? [];
    open.delete(key);
    for (const { settle } of waiting.splice(0)) settle({ refusal: 'not-waiting' });
  }

  return {
    open(key, refuses) {
      const ask = open.get(key) ?? { refuses, waiting: [] };
      ask.refuses = refuses;
      open.set(key, ask);
      return {
        next: () => ask.waiting[0]?.decision,
        settle: (refusal) => ask.waiting.shift()?.settle({ refusal }),
        close: () => close(key),
      };
    },
    check: (decision) => void check(decision),
    put(decision) {
      const { waiting } = check(decision);
      return new Promise((settle) => waiting.push({ decision, settle }));
    },
    closeAll() {
      for (const key of [...open.keys()]) close(key);
    },
    keys: () => [...open.keys()],
  };
}

function notWaiting(step: string, waiting: string[]): string {
  const some = waiting.slice(0, 10).join(', ') + (waiting.length > 10 ? ', …' : '');
  const others =
    waiting.length === 0 ? 'No step is waiting for approval' : `These steps are waiting for approval: ${some}`;
  return `Step "${step}" is not waiting for approval, or was already answered. ${others}.`;
}

function idOf({ source, id }: CanonicalEvent): string {
  return `${source}/${id}`;
}
