import { expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { Definition, Step } from '../../../language/definition.ts';
import { createInterpreter } from '../../../workflows/interpreter.ts';
import { sampleEvent } from '../../server/sample-event.ts';
import { fakeEffects } from '../fake-effects.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** `answered`: when the inbox answers a look, of which it makes its picture before. */
interface Options {
  answered?: Promise<void>;
}

/** A run whose steps find what the inbox has, and whose conditions are checked once after all that has arrived: as when its worker was down. */
function startRun(steps: Step[], inbox: CanonicalEvent[], { answered }: Options = {}) {
  const waits = new Set<() => void>();
  const claimed = new Set<string>();
  const effects = {
    ...fakeEffects().effects,
    waitUntil: (holds: () => boolean) =>
      new Promise<boolean>((met) => {
        const look = (): void => {
          if (!holds()) return;
          waits.delete(look);
          met(true);
        };
        waits.add(look);
      }),
    openWait: async ({ after }: { after: number | null }) => {
      const from = after ?? 0;
      const page = inbox.slice(from, from + 20).filter(({ id }) => !claimed.has(id));
      const answer = { events: page, after: Math.min(from + 20, inbox.length), more: from + 20 < inbox.length };
      await answered;
      return answer;
    },
    claimEvent: (_step: unknown, { id }: Pick<CanonicalEvent, 'id'>) => {
      claimed.add(id);
      return Promise.resolve({ taken: true, confirm: false });
    },
  };
  const definition: Definition = { name: 'flooded', on: { event: 'payment.pending' }, steps };
  const event = sampleEvent({ id: 'own', type: 'payment.pending' });
  const input = { definition, definitionHash: 'hash', event, localActivities: [] };
  const run = createInterpreter({ input, runId: 'flooded', effects, observer: {} });
  void run.execute();
  return {
    outputs: () => run.state.outputs,
    async arrive(events: CanonicalEvent[]) {
      inbox.push(...events);
      for (const each of events) run.receive(each);
      for (let turn = 0; turn < 50; turn += 1) {
        for (const look of waits) look();
        await settled();
      }
    },
  };
}

const numbers = Array.from({ length: 10 }, (_, number) => number);
const paid = (number: number, characters: number) => {
  const payment = { ...sampleEvent().payment, id: `pi_${number}` } as CanonicalEvent['payment'];
  return sampleEvent({ id: `evt_${number}`, payment, data: 'x'.repeat(characters) });
};
const wait = { waitFor: 'payment.succeeded', timeout: '1h' };

it('takes every event that arrived while the worker was down, although the run cannot keep them all', async () => {
  const steps: Step[] = [
    {
      id: 'all',
      parallel: numbers.map((number) => ({ id: `p${number}`, ...wait, match: { 'event.payment.id': `pi_${number}` } })),
    },
  ];
  const run = startRun(steps, []);
  await settled();
  await run.arrive(numbers.map((number) => paid(number, 60_000)));
  expect(Object.keys(run.outputs())).toEqual([...numbers.map((number) => `p${number}`), 'all']);
});

it('takes the one that it waits for out of a flood of others', async () => {
  const where = { '===': [{ var: 'signal.payment.id' }, 'pi_0'] };
  const run = startRun([{ id: 'one', ...wait, where }], []);
  await settled();
  await run.arrive(Array.from({ length: 400 }, (_, number) => paid(number, 10)));
  expect(run.outputs()).toMatchObject({ one: { id: 'evt_0' } });
});

it('looks through the inbox once more if it had to drop events while it looked', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const where = { '===': [{ var: 'signal.payment.id' }, 'pi_0'] };
  const run = startRun([{ id: 'one', ...wait, where }], [], { answered });
  await settled();
  await run.arrive(Array.from({ length: 210 }, (_, number) => paid(number, 10)));
  answer();
  await run.arrive([]);
  expect(run.outputs()).toMatchObject({ one: { id: 'evt_0' } });
});
