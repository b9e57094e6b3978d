import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';

/** An answer to an `approve` step. `step` is the step's key: its id, unless it is in a loop. */
export interface ApprovalDecision {
  step: string;
  approved: boolean;
  /** Who answered. */
  by: string;
  comment?: string;
}

/** An operator's decision about a parked step. `result` becomes the step's output and counts as done. */
export type SteerCommand = { step: string } & ({ kind: 'retry' } | { kind: 'skip' } | { kind: 'result'; result: Json });

/** Events and answers that reach a running run from outside. */
export interface Mailbox {
  /** Keeps an event until a `waitFor` takes it, even one that begins later. A repeat is dropped. */
  receive(event: CanonicalEvent): void;
  /** Takes the first event that matches. Each is taken once. */
  takeEvent(matches: (event: CanonicalEvent) => boolean): CanonicalEvent | undefined;
  /** Grows with each event. */
  eventCount(): number;
  approvals: Slots<ApprovalDecision>;
  parked: Slots<SteerCommand>;
  /** The contents, for a run that continues as new. */
  carried(): CarriedMail;
}

export interface CarriedMail {
  events: CanonicalEvent[];
  /** `<source>/<event id>` of the events that were taken, so that they are not taken again. */
  taken: string[];
  approvals: ApprovalDecision[];
  parked: SteerCommand[];
}

/** Answers from outside that steps wait for, by the step's key. */
interface Slots<Answer extends { step: string }> {
  /** Opens a step's slot. An answer that arrived before the run continued as new is in it already. */
  open(key: string): Slot<Answer>;
  /** Throws an Error if the step is not waiting or was already answered. The message says which steps wait. */
  put(answer: Answer): void;
  /** Answers that their steps have not read yet, for a run that continues as new. */
  unread(): Answer[];
}

interface Slot<Answer> {
  answer: () => Answer | undefined;
  close: () => void;
}

/** Beyond this many ids of taken events, the oldest is forgotten. */
const mostTaken = 1_000;

export function createMailbox(carried?: CarriedMail): Mailbox {
  const events = [...(carried?.events ?? [])];
  const taken = [...(carried?.taken ?? [])];
  const approvals = createSlots('waiting for approval', carried?.approvals ?? []);
  const parked = createSlots('parked', carried?.parked ?? []);
  let count = 0;

  return {
    receive(event) {
      if (taken.includes(idOf(event)) || events.some((each) => idOf(each) === idOf(event))) return;
      events.push(event);
      if (events.length > runLimits.keptEvents) events.shift();
      count += 1;
    },
    takeEvent(matches) {
      const position = events.findIndex(matches);
      const event = position < 0 ? undefined : events.splice(position, 1)[0];
      if (event !== undefined) taken.push(idOf(event));
      if (taken.length > mostTaken) taken.shift();
      return event;
    },
    eventCount: () => count,
    approvals,
    parked,
    carried: () => ({
      events: [...events],
      taken: [...taken],
      approvals: approvals.unread(),
      parked: parked.unread(),
    }),
  };
}

/** `state` describes a step with an open slot in messages: `parked`. */
function createSlots<Answer extends { step: string }>(state: string, unread: Answer[]): Slots<Answer> {
  const slots = new Map<string, Answer | null>(unread.map((each) => [each.step, each]));
  return {
    open(key) {
      if (!slots.has(key)) slots.set(key, null);
      return { answer: () => slots.get(key) ?? undefined, close: () => void slots.delete(key) };
    },
    put(answer) {
      if (slots.get(answer.step) !== null) throw new Error(notWaiting(state, answer.step, [...slots.keys()]));
      slots.set(answer.step, answer);
    },
    unread: () => [...slots.values()].filter((answer) => answer !== null),
  };
}

function notWaiting(state: string, step: string, waiting: string[]): string {
  const others = waiting.length === 0 ? `No step is ${state}` : `These steps are ${state}: ${waiting.join(', ')}`;
  return `Step "${step}" is not ${state}, or was already answered. ${others}.`;
}

function idOf({ source, id }: CanonicalEvent): string {
  return `${source}/${id}`;
}
