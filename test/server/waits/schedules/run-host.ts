import { setImmediate as nextTurn } from 'node:timers/promises';
import { createWaitActivities } from '../../../../activities/waits.ts';
import type { Definition, RunInput, Step } from '../../../../language/definition.ts';
import type { EarlierEvents, EventClaim } from '../../../../language/earlier-events.ts';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { JsonObject } from '../../../../language/json.ts';
import { mayBeAwaited } from '../../../../server/ignored-because.ts';
import type { Database } from '../../../../storage/database.ts';
import type { StepIdentity, WaitRequest } from '../../../../workflows/effects.ts';
import { createInterpreter, type Carried, type Interpreter } from '../../../../workflows/interpreter.ts';
import type { StepChange } from '../../../../workflows/run-context.ts';
import { fakeEffects } from '../../../workflows/fake-effects.ts';
import { newLife, type Life, type Turns } from './turns.ts';

export interface HostedRun {
  workflowId: string;
  /** Ids of the events that its steps have as their outputs. */
  taken(): string[];
  isOver(): boolean;
  /** Why it failed, if it did. */
  failure(): unknown;
  /** Delivers a signal. False if the run is over. */
  receive(event: CanonicalEvent): boolean;
  /** Lets waits go on whose conditions hold now. True if one did. */
  settle(): boolean;
}

interface HostDeps {
  turns: Turns;
  database: Database;
  workflowId: string;
  steps: Step[];
  own: CanonicalEvent;
  /** Calls of activities after which the run continues as new. */
  continuesAfter: number;
}

/**
 * The real interpreter, as Temporal would run it: an attempt of an activity that dies is followed by another, and signals survive everything.
 * If a worker dies, the run may begin anew from where it continued as new, since the results of local activities are kept only with the task
 * that ran them. Its time stands still.
 */
export function startRun({ turns, database, workflowId, steps, own, continuesAfter }: HostDeps): HostedRun {
  const definition: Definition = { name: 'scheduled', on: { event: own.type }, steps };
  const input: RunInput = { definition, definitionHash: 'hash', event: own, localActivities: [] };
  const outputs = new Map<string, string>();
  const startedMs = Date.now();
  let current: Interpreter;
  let waiters = new Set<() => boolean>();
  let over = false;
  let failure: unknown;
  /** Of the present execution: its attempts, and what it was sent. */
  let lives = new Set<Life>();
  let signals: CanonicalEvent[] = [];

  /** Attempts one after the other, or beside each other if one is taken for dead. The first that ends well counts. */
  function attempt<Answer>(name: string, act: Act<Answer>, lose: () => void): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const begin = (): void => {
        const life = newLife(begin, lose);
        lives.add(life);
        const own = turns.databaseOf(database, `${workflowId} ${name}`, life);
        act(activitiesOn(own, workflowId)).then(resolve, (error: unknown) => {
          if (!life.dead) reject(error instanceof Error ? error : new Error(String(error)));
        });
      };
      begin();
    });
  }

  function interpret(carried: Carried | undefined, sent: CanonicalEvent[]): void {
    let calls = 0;
    const mine = new Set<() => boolean>();
    waiters = mine;
    lives = new Set();
    signals = [];
    const lose = () => {
      if (mine !== waiters || over) return; // It has gone on since.
      for (const life of lives) life.dead = true;
      interpret(carried, signals);
    };
    const counted = <Answer>(name: string, act: Act<Answer>) => {
      calls += 1;
      return attempt<Answer>(name, act, lose);
    };
    const context = { source: own.source, eventId: own.id };
    const effects = {
      ...fakeEffects().effects,
      now: () => startedMs,
      isLong: () => calls >= continuesAfter,
      nextTask: () => nextTurn(),
      waitUntil: (holds: () => boolean) =>
        new Promise<boolean>((resolve) => {
          const look = () => {
            if (!holds()) return false;
            mine.delete(look);
            resolve(true);
            return true;
          };
          if (!look()) mine.add(look);
        }),
      openWait({ key: step, types, sources, match, lookBackMs, untilMs, after }: WaitRequest) {
        const live = own.live;
        const wanted = { step, types, sources, match, lookBackMs, untilMs, after, live, mostBytes: 30_000 };
        return counted<EarlierEvents>('opens', (activities) => activities['waits.open'](wanted, context));
      },
      claimEvent: ({ key: step }: StepIdentity, { source, id: eventId }: Pick<CanonicalEvent, 'source' | 'id'>) =>
        counted<EventClaim>('claims', (activities) => activities['waits.claim']({ step, source, eventId })),
      async closeWait({ key: step }: StepIdentity) {
        await counted('closes', (activities) => activities['waits.close']({ step }));
      },
    };
    const changed = ({ key, output }: StepChange) => {
      const id = (output as JsonObject | null | undefined)?.id;
      if (typeof id === 'string') outputs.set(key, id);
    };
    current = createInterpreter({ input, runId: workflowId, effects, observer: { changed }, carried });
    current.execute().then(
      (outcome) => {
        if (outcome.kind === 'continue') return interpret(outcome.carried, []);
        over = true;
      },
      (error: unknown) => {
        over = true;
        failure = error;
      },
    );
    for (const event of sent) receive(event);
  }

  function receive(event: CanonicalEvent): void {
    signals.push(event);
    current.receive(structuredClone(event));
  }

  interpret(undefined, []);
  return {
    workflowId,
    taken: () => [...outputs.values()],
    isOver: () => over,
    failure: () => failure,
    receive(event) {
      if (!over) receive(event);
      return !over;
    },
    settle: () => [...waiters].some((look) => look()),
  };
}

type Act<Answer> = (activities: Activities) => Promise<Answer>;
type Activities = ReturnType<typeof createWaitActivities>;

function activitiesOn(database: Database, workflowId: string): Activities {
  return createWaitActivities({
    ...{ database, harmless: mayBeAwaited, readData: () => () => ({}), clock: () => new Date() },
    confirms: () => false,
    workflowId: () => workflowId,
  });
}
