import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';
import { createSlots, type Slots } from './slots.ts';

/** An answer to an `approve` step. `step` is its key, which outside of loops is its id. */
export interface ApprovalDecision {
  step: string;
  approved: boolean;
  /** Who answered. */
  by: string;
  comment?: string;
}

/** What an operator does about a parked step. `result` stands for the step's output and counts as done. */
export type SteerCommand = { step: string } & ({ kind: 'retry' } | { kind: 'skip' } | { kind: 'result'; result: Json });

/** What reaches a run from outside while it is going on. */
export interface Mailbox {
  /** Keeps an event until a `waitFor` takes it, also one that has not begun yet. A repeated one is not kept twice. */
  receive(event: CanonicalEvent): void;
  /** Takes the first event that matches. Each is taken once. */
  takeEvent(matches: (event: CanonicalEvent) => boolean): CanonicalEvent | undefined;
  /** Grows with each event. */
  eventCount(): number;
  approvals: Slots<ApprovalDecision>;
  parked: Slots<SteerCommand>;
  /** For a run that continues as new. */
  carried(): CarriedMail;
}

export interface CarriedMail {
  events: CanonicalEvent[];
  /** `<source>/<event id>` of what was taken, so that it is not taken again. */
  taken: string[];
  approvals: ApprovalDecision[];
  parked: SteerCommand[];
}

/** Ids of events that were taken; beyond it the oldest is forgotten. */
const mostTaken = 1_000;

export function createMailbox(carried?: CarriedMail): Mailbox {
  const events = [...(carried?.events ?? [])];
  const taken = [...(carried?.taken ?? [])];
  const approvals = createSlots('waits for an approval', carried?.approvals ?? []);
  const parked = createSlots('is parked', carried?.parked ?? []);
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

function idOf({ source, id }: CanonicalEvent): string {
  return `${source}/${id}`;
}
