import type { CanonicalEvent } from '../../language/event.ts';
import { compareDecisions } from './compare-decisions.ts';
import { decideEvent, type Candidate, type WhatIfSurroundings } from './decide-event.ts';

/** An event with what is known of it. */
export interface StoredEvent {
  event: CanonicalEvent;
  /** Whether a run of the definition was started for it when it came. */
  hadRun: boolean;
}

/** What would be decided otherwise. JSON. */
export interface WhatIf {
  definition: string;
  /** Whether it is compared with a served definition of that name. If not, all that the draft would do is new. */
  hasServed: boolean;
  looked: number;
  /** Events for which the draft would start a run, and for which the served definition would. */
  draftStarts: number;
  servedStarts: number;
  /** Events for which a run was started when they came. */
  ranThen: number;
  /** Events for which a run was started then although the served definition would start none now, or the reverse. */
  ranOtherwise: number;
  same: number;
  different: number;
  /** The most frequent first. */
  groups: WhatIfGroup[];
  /** Events in groups beyond those that are told. */
  inOtherGroups: number;
  /** Events about which nothing can be told, by the reason. */
  unknown: Record<string, number>;
  /** Activities whose results were made up. */
  assumed: string[];
}

export interface WhatIfGroup {
  changes: string[];
  events: number;
  /** The sum of the payments, by currency, in minor units as a text of any length. */
  money: Record<string, string>;
  examples: WhatIfExample[];
}

interface WhatIfExample {
  source: string;
  eventId: string;
  orderId: string | null;
  currency: string | null;
  amount: number | null;
  /** Why the draft's trigger matches or does not, if that is the change. */
  because: string | null;
}

const mostGroups = 100;
const mostExamples = 3;

/**
 * Compares a draft with the served definition on events, one after the other, in bounded memory. Both are simulated with the same settings and
 * the same made-up results, so that only the definitions make a difference. Pure.
 */
export function createWhatIf(deps: { draft: Candidate; served: Candidate | null; surroundings: WhatIfSurroundings }) {
  const { draft, served, surroundings } = deps;
  const groups = new Map<
    string,
    { changes: string[]; events: number; money: Map<string, bigint>; examples: WhatIfExample[] }
  >();
  const unknown = new Map<string, number>();
  const assumed = new Set<string>();
  const counts = {
    ...{ looked: 0, draftStarts: 0, servedStarts: 0, ranThen: 0, ranOtherwise: 0 },
    ...{ same: 0, different: 0, inOtherGroups: 0 },
  };

  /** Counts an event about which nothing can be told. */
  function skip(reason: string): void {
    counts.looked += 1;
    unknown.set(reason, (unknown.get(reason) ?? 0) + 1);
  }

  async function add({ event, hadRun }: StoredEvent): Promise<void> {
    let decided: Awaited<ReturnType<typeof decideBoth>>;
    try {
      decided = await decideBoth(event);
    } catch {
      return skip('the simulator has failed');
    }
    const { before, after } = decided;
    counts.looked += 1;
    if (after.triggered) counts.draftStarts += 1;
    if (before.triggered) counts.servedStarts += 1;
    if (hadRun) counts.ranThen += 1;
    if (hadRun !== before.triggered) counts.ranOtherwise += 1;
    for (const name of [...before.assumed, ...after.assumed]) assumed.add(name);
    const changes = compareDecisions(before, after);
    if (changes.length === 0) {
      counts.same += 1;
      return;
    }
    counts.different += 1;
    addToGroup(changes, event, before.triggered === after.triggered ? null : after.because);
  }

  async function decideBoth(event: CanonicalEvent) {
    const after = await decideEvent(draft, event, surroundings);
    const none = { ...after, triggered: false };
    return { after, before: served === null ? none : await decideEvent(served, event, surroundings) };
  }

  function addToGroup(changes: string[], { source, id, payment }: CanonicalEvent, because: string | null): void {
    const key = JSON.stringify(changes);
    const known = groups.get(key);
    if (known === undefined && groups.size >= mostGroups) {
      counts.inOtherGroups += 1;
      return;
    }
    const group = known ?? { changes, events: 0, money: new Map<string, bigint>(), examples: [] };
    groups.set(key, group);
    group.events += 1;
    const { orderId = null, currency = null, amount = null } = payment ?? {};
    if (currency !== null && amount !== null && Number.isSafeInteger(amount)) {
      group.money.set(currency, (group.money.get(currency) ?? 0n) + BigInt(amount));
    }
    const example = { source, eventId: id, orderId, currency, amount, because };
    if (group.examples.length < mostExamples) group.examples.push(example);
  }

  function result(): WhatIf {
    const sorted = [...groups.values()].sort((one, other) => other.events - one.events);
    return {
      ...{ definition: draft.definition.name, hasServed: served !== null, ...counts },
      groups: sorted.map(({ money, ...group }) => ({
        ...group,
        money: Object.fromEntries([...money].map(([currency, sum]) => [currency, String(sum)])),
      })),
      unknown: Object.fromEntries(unknown),
      assumed: [...assumed].sort(),
    };
  }

  return { add, skip, result, looked: () => counts.looked };
}
