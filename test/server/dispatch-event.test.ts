import { describe, expect, it } from 'vitest';
import { gatewayActivities } from '../../activities/gateway/gateway-activities.ts';
import { checkDefinition } from '../../language/check.ts';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { confirmStep } from '../../language/confirm-step.ts';
import { dispatchEvent, type KnownRun, wantsType } from '../../server/dispatch-event.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import type { StartOutcome } from '../../storage/start-failure.ts';
import { noHistory } from './no-history.ts';
import { sampleEvent } from './sample-event.ts';
import type { TurnAnswer } from '../../storage/turns/take-turns.ts';
import { noTurns } from './no-turns.ts';

function definition(name: string, on: Definition['on']): LoadedDefinition {
  return { definition: { name, on, steps: [] }, hash: `hash of ${name}`, file: `${name}.json`, children: {} };
}

const runOf = (name: string): KnownRun => ({
  workflowId: `kait-test/${name}/stripe/evt_1`,
  definition: name,
  started: true,
});
const dueAgain = (name: string): KnownRun => ({
  workflowId: `kait-test/${name}/stripe/evt_1/kait:again-1`,
  definition: name,
  started: false,
});

async function dispatch(
  definitions: ReturnType<typeof definition>[],
  outcomes: Record<string, StartOutcome> = {},
  known: KnownRun[] = [],
  doubtfulSince: string | null = null,
) {
  const log: string[] = [];
  const started: RunInput[] = [];
  const ids: (string | undefined)[] = [];
  const outcome = await dispatchEvent(sampleEvent(), {
    definitions,
    installation: 'kait-test',
    localActivities: ['orders.create'],
    ...{ known, doubtfulSince, begin: () => Promise.resolve(void log.push('begin')), rowId: 1, turns: noTurns },
    startRun: (input, workflowId) => {
      started.push(input);
      ids.push(workflowId);
      log.push(`start ${input.definition.name}`);
      return Promise.resolve(outcomes[input.definition.name] ?? { kind: 'started' });
    },
  });
  return { outcome, started, ids, log, names: started.map((input) => input.definition.name) };
}

it('starts one run for each definition whose trigger names the canonical or the native type', async () => {
  const { outcome, started } = await dispatch([
    definition('canonical', { event: 'payment.succeeded' }),
    definition('native', { event: ['charge.failed', 'payment_intent.succeeded'] }),
    definition('other', { event: 'payment.failed' }),
  ]);
  expect(started).toEqual([
    {
      definition: expect.objectContaining({ name: 'canonical' }),
      definitionHash: 'hash of canonical',
      event: sampleEvent(),
      localActivities: ['orders.create'],
    },
    expect.objectContaining({ definitionHash: 'hash of native' }),
  ]);
  expect(outcome).toEqual({
    kind: 'done',
    duplicates: 0,
    runs: [
      { workflowId: 'kait-test/canonical/stripe/evt_1', definition: 'canonical', definitionHash: 'hash of canonical' },
      { workflowId: 'kait-test/native/stripe/evt_1', definition: 'native', definitionHash: 'hash of native' },
    ],
  });
});

it('checks the guard and the sources of a trigger', async () => {
  const { names } = await dispatch([
    definition('large', { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 1] } }),
    definition('huge', { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 9_999_999] } }),
    definition('here', { event: 'payment.succeeded', source: ['xendit', 'stripe'] }),
    definition('there', { event: 'payment.succeeded', source: 'midtrans' }),
  ]);
  expect(names).toEqual(['large', 'here']);
});

it('counts an existing run as a duplicate and reports it as started', async () => {
  const { outcome } = await dispatch([definition('a', { event: 'payment.succeeded' })], { a: { kind: 'duplicate' } });
  expect(outcome).toMatchObject({ kind: 'done', duplicates: 1, runs: [{ definition: 'a' }] });
});

it('passes over a definition that has a run, and counts the event as dispatched', async () => {
  const { outcome, names } = await dispatch([definition('a', { event: 'payment.succeeded' })], {}, [runOf('a')]);
  expect(names).toEqual([]);
  expect(outcome).toEqual({ kind: 'done', runs: [], duplicates: 0, known: 1 });
});

it('starts only what has no run, whatever has become of the definitions that have one', async () => {
  const { outcome, names } = await dispatch(
    [
      { ...definition('edited', { event: 'payment.succeeded' }), hash: 'a newer hash' },
      definition('broken', { event: 'payment.succeeded', if: { '>': [{ var: 'event.data.missing' }, 1] } }),
      definition('new', { event: 'payment.succeeded' }),
      definition('other', { event: 'payment.failed' }),
    ],
    {},
    [runOf('edited'), runOf('broken'), runOf('gone')],
  );
  expect(names).toEqual(['new']);
  expect(outcome).toMatchObject({ kind: 'done', runs: [{ workflowId: 'kait-test/new/stripe/evt_1' }] });
});

it('takes the run of a definition under its former name for its own', async () => {
  const renamed = { ...definition('new-name', { event: 'payment.succeeded' }), formerNames: ['old-name'] };
  const { outcome, names } = await dispatch([renamed], {}, [runOf('old-name')]);
  expect([names, outcome]).toEqual([[], { kind: 'done', runs: [], duplicates: 0, known: 1 }]);
});

it('counts an event as dispatched whose only run is of a definition that is no longer served', async () => {
  const { outcome } = await dispatch([definition('other', { event: 'payment.failed' })], {}, [runOf('gone')]);
  expect(outcome).toEqual({ kind: 'done', runs: [], duplicates: 0, known: 1 });
});

it('starts a run again under the id with which it was asked for, and no other', async () => {
  const { outcome, ids } = await dispatch(
    [definition('a', { event: 'payment.succeeded' }), definition('b', { event: 'payment.succeeded' })],
    {},
    [runOf('a'), dueAgain('a'), runOf('b')],
  );
  expect(ids).toEqual(['kait-test/a/stripe/evt_1/kait:again-1']);
  expect(outcome).toMatchObject({
    kind: 'done',
    runs: [{ workflowId: 'kait-test/a/stripe/evt_1/kait:again-1', definition: 'a' }],
  });
});

it.each([
  ['is not served any more', definition('other', { event: 'payment.succeeded' })],
  ['does not match the event any more', definition('a', { event: 'payment.succeeded', if: false })],
])('refuses a run that is asked for again if its definition %s', async (why, served) => {
  const { outcome } = await dispatch([served], {}, [runOf('a'), dueAgain('a')]);
  expect(outcome).toMatchObject({
    kind: 'refused',
    reason: `a: kait-test/a/stripe/evt_1/kait:again-1 cannot start, because the definition ${why}`,
    certain: true,
  });
});

it('records that it is about to start runs, once and before the first', async () => {
  const wanting = (name: string) => definition(name, { event: 'payment.succeeded' });
  expect((await dispatch([wanting('a'), wanting('b')])).log).toEqual(['begin', 'start a', 'start b']);
  expect((await dispatch([wanting('a')], {}, [runOf('a')])).log).toEqual([]);
  expect((await dispatch([definition('other', { event: 'payment.failed' })])).log).toEqual([]);
});

it('starts nothing of an event whose runs may have been started before, and names the runs in doubt', async () => {
  const { outcome, log } = await dispatch(
    [
      definition('known', { event: 'payment.succeeded' }),
      definition('again', { event: 'payment.succeeded' }),
      definition('lost', { event: 'payment.succeeded' }),
      definition('other', { event: 'payment.succeeded', if: false }),
    ],
    {},
    [runOf('known'), runOf('again'), dueAgain('again')],
    '2026-01-01T00:00:00.000Z',
  );
  expect(log).toEqual([]);
  expect(outcome).toEqual({
    kind: 'refused',
    certain: true,
    runs: [],
    doubtful: [
      {
        workflowId: 'kait-test/again/stripe/evt_1/kait:again-1',
        definition: 'again',
        definitionHash: 'hash of again',
      },
      { workflowId: 'kait-test/lost/stripe/evt_1', definition: 'lost', definitionHash: 'hash of lost' },
    ],
    reason:
      'Kait stopped at 2026-01-01T00:00:00.000Z while it started kait-test/again/stripe/evt_1/kait:again-1, kait-test/lost/stripe/evt_1, and cannot tell any more whether that ran. See what happened; if nothing did, replay it with --again',
  });
});

it('starts the other definitions if a trigger cannot be evaluated, and names the faulty one', async () => {
  const { outcome, names } = await dispatch([
    definition('broken', { event: 'payment.succeeded', if: { '>': [{ var: 'event.data.missing' }, 1] } }),
    definition('good', { event: 'payment.succeeded' }),
  ]);
  expect(names).toEqual(['good']);
  expect(outcome).toMatchObject({ kind: 'refused', certain: true, runs: [{ definition: 'good' }] });
  expect(outcome).toHaveProperty('reason', expect.stringMatching(/^broken: .*event\.data\.missing/));
});

it('continues after a refused start and keeps the reason', async () => {
  const { outcome } = await dispatch(
    [definition('a', { event: 'payment.succeeded' }), definition('b', { event: 'payment.succeeded' })],
    { a: { kind: 'refused', reason: 'too large', certain: true } },
  );
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'a: too large', runs: [{ definition: 'b' }] });
});

it('is certain if a trigger fails and Temporal will never take the other start', async () => {
  const { outcome } = await dispatch(
    [
      definition('broken', { event: 'payment.succeeded', if: { '>': [{ var: 'event.data.missing' }, 1] } }),
      definition('a', { event: 'payment.succeeded' }),
    ],
    { a: { kind: 'refused', reason: 'no', certain: true } },
  );
  expect(outcome).toMatchObject({ kind: 'refused', certain: true });
});

it('starts the other definitions if a start fails for an unknown reason, and keeps the runs that exist', async () => {
  const { outcome, names } = await dispatch(
    [definition('a', { event: 'payment.succeeded' }), definition('b', { event: 'payment.succeeded' })],
    { a: { kind: 'failed', reason: 'out of cheese' } },
  );
  expect(names).toEqual(['a', 'b']);
  expect(outcome).toEqual({
    kind: 'unstarted',
    reason: 'a: out of cheese',
    temporalSeemsDown: false,
    runs: [{ workflowId: 'kait-test/b/stripe/evt_1', definition: 'b', definitionHash: 'hash of b' }],
  });
});

it('gives up on an event for now once two of its starts found Temporal unavailable', async () => {
  const away = { kind: 'unavailable', reason: 'connection refused' } as const;
  const { outcome, names } = await dispatch(
    ['a', 'b', 'c'].map((name) => definition(name, { event: 'payment.succeeded' })),
    { a: away, b: away },
  );
  expect(names).toEqual(['a', 'b']);
  expect(outcome).toEqual({
    kind: 'unstarted',
    reason: 'a: connection refused; b: connection refused',
    temporalSeemsDown: true,
    runs: [],
  });
});

it('tells by the type alone which events no definition wants', () => {
  const definitions = [
    definition('canonical', { event: 'payment.succeeded', if: false }),
    definition('native', { event: ['stripe.only', 'charge.failed'] }),
  ];
  const isWanted = (event: CanonicalEvent) => wantsType(definitions, event);
  expect(isWanted(sampleEvent())).toBe(true);
  expect(isWanted(sampleEvent({ type: 'stripe:charge.failed', nativeType: 'charge.failed' }))).toBe(true);
  expect(isWanted(sampleEvent({ type: 'payment.failed', nativeType: 'payment_intent.payment_failed' }))).toBe(false);
});

it('never starts a definition that only others run, and passes its snapshot to a run that may start it', async () => {
  const child = definition('tell-owner', 'run');
  const pinned = { definition: child.definition, definitionHash: child.hash };
  const parent = { ...definition('parent', { event: 'payment.succeeded' }), children: { 'tell-owner': pinned } };
  const { started, names } = await dispatch([child, parent]);
  expect(names).toEqual(['parent']);
  expect(started[0]?.children).toEqual({ 'tell-owner': pinned });
  expect(wantsType([child], sampleEvent())).toBe(false);
});

it('passes the first steps to each run, and leaves them out if there are none', async () => {
  const inputs: RunInput[] = [];
  const startRun = (input: RunInput) => {
    inputs.push(input);
    return Promise.resolve({ kind: 'started' } as const);
  };
  const definitions = [definition('a', { event: 'payment.succeeded' })];
  await dispatchEvent(sampleEvent(), {
    definitions,
    installation: 'kait-test',
    localActivities: [],
    startRun,
    first: [confirmStep],
    ...noHistory,
    turns: noTurns,
  });
  await dispatchEvent(sampleEvent(), {
    definitions,
    installation: 'kait-test',
    localActivities: [],
    startRun,
    first: [],
    ...noHistory,
    turns: noTurns,
  });
  expect(inputs[0]?.first).toEqual([expect.objectContaining({ id: 'kait:confirm', call: 'gateway.confirm' })]);
  expect(inputs[1]).not.toHaveProperty('first');
});

it('has a confirm step that would be valid in a definition but for its reserved id', () => {
  const findingsOf = (step: object) => {
    const text = JSON.stringify({ name: 'demo', on: { event: 'payment.succeeded' }, steps: [step] });
    const { findings } = checkDefinition({ text, file: 'demo.json', activities: gatewayActivities });
    return findings.map(({ pointer, code }) => `${code} ${pointer}`);
  };
  expect(findingsOf({ ...confirmStep, id: 'confirm' })).toEqual([]);
  expect(findingsOf(confirmStep)).toEqual(['KAIT1109 /steps/0/id']);
});

it('starts a run with the values of the settings, which its trigger sees, too', async () => {
  const reading = (name: string, least: number) => ({
    ...definition(name, {
      event: 'payment.succeeded',
      if: { '>=': [{ var: 'event.payment.amount' }, { var: 'settings.least' }] },
    }),
    settings: { least },
  });
  const { started, names } = await dispatch([reading('small', 1), reading('large', 1_000_000_000)]);
  expect(names).toEqual(['small']);
  expect(started[0]?.settings).toEqual({ least: 1 });
});

describe('a definition whose runs take turns', () => {
  const order = definition('order', { event: 'payment.succeeded' });
  const keyed: LoadedDefinition = { ...order, definition: { ...order.definition, key: '{{event.entity}}' } };

  async function take(answer: TurnAnswer, start: StartOutcome = { kind: 'started' }, loaded = keyed) {
    const asked: object[] = [];
    const ended: string[] = [];
    const inputs: RunInput[] = [];
    const outcome = await dispatchEvent(sampleEvent(), {
      ...{ definitions: [loaded], installation: 'kait-test', localActivities: [], ...noHistory },
      startRun: (input) => {
        inputs.push(input);
        return Promise.resolve(start);
      },
      turns: {
        take({ workflowId, definition: name, key, event }) {
          asked.push({ workflowId, definition: name, key, event });
          return Promise.resolve(answer);
        },
        end: (workflowId) => Promise.resolve(void ended.push(workflowId)),
      },
    });
    return { outcome, asked, ended, holds: inputs.map((input) => input.holdsTurn) };
  }
  const workflowId = 'kait-test/order/stripe/evt_1';

  it('starts a run that knows that it holds a turn', async () => {
    const { outcome, asked, holds } = await take({ kind: 'go' });
    expect(asked).toEqual([{ workflowId, definition: 'order', key: 'pi_1', event: 1 }]);
    expect(holds).toEqual([true]);
    expect(outcome).toMatchObject({ kind: 'done', runs: [{ workflowId }] });
  });

  it('starts nothing while others have the key', async () => {
    const { outcome, holds } = await take({ kind: 'queued' });
    expect(outcome).toEqual({ kind: 'done', runs: [], duplicates: 0, queued: 1 });
    expect(holds).toEqual([]);
  });

  it.each([
    ['skipped', 'skipped: another run has its key'],
    ['merged', 'merged into a later event with its key'],
  ] as const)('says why an event is %s', async (why, ignored) => {
    const { outcome } = await take({ kind: 'passed', why, because: 7 });
    expect(outcome).toEqual({ kind: 'done', runs: [], duplicates: 0, ignored });
  });

  it('gives the turn of a run back that can never start, and keeps that of one that may', async () => {
    expect((await take({ kind: 'go' }, { kind: 'refused', reason: 'too large', certain: true })).ended).toEqual([
      workflowId,
    ]);
    expect((await take({ kind: 'go' }, { kind: 'unavailable', reason: 'away' })).ended).toEqual([]);
  });

  it('refuses an event whose key cannot be told, where it is seen', async () => {
    const list = { ...keyed, definition: { ...keyed.definition, key: ['{{event.entity}}'] } };
    const { outcome, asked } = await take({ kind: 'go' }, { kind: 'started' }, list);
    expect(outcome).toEqual({
      ...{ kind: 'refused', runs: [], certain: true },
      reason: 'order: its key cannot be told: "key" must be a text, got a list',
    });
    expect(asked).toEqual([]);
  });
});
