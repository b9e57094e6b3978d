import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import type { Json } from '../../../language/json.ts';
import { createBacklog } from '../../../server/backlog.ts';
import { readOwnData } from '../../../server/own-events/own-body.ts';
import { startByHand, type StartByHandRequest } from '../../../server/own-events/start-run-by-hand.ts';
import { audit } from '../../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { deleteEvents, storedEvents } from '../stored-events.ts';

const input = {
  type: 'object',
  properties: { orderId: { type: 'string', minLength: 1 }, amount: { type: 'integer' } },
  required: ['orderId'],
  additionalProperties: false,
};
const definitions = (
  [
    ['give-back', { manual: input }],
    ['order-paid', { event: 'payment.succeeded' }],
    ['ship', 'run'],
  ] satisfies [string, Definition['on']][]
).map(([name, on]) => ({
  ...{ definition: { name, on, steps: [] }, hash: `hash of ${name}`, file: `${name}.json`, children: {} },
}));
const now = () => new Date('2026-11-28T01:00:00.000Z');

describe.each(bothDatabases)('a run that somebody starts in %s', (_name, open) => {
  let shared: SharedDatabase;
  let woken = 0;
  beforeAll(async () => {
    shared = await open();
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    woken = 0;
    await shared.databases[0].orm.delete(audit);
    await deleteEvents(shared.databases[0]);
  });

  const ask = (changes: Partial<StartByHandRequest> = {}, database = shared.databases[0]) =>
    startByHand(
      { database, installation: 'kait-test', served: { definitions }, now, wake: () => void (woken += 1) },
      {
        ...{ definition: 'give-back', input: { orderId: 'INV-7' }, key: 'case-12', actor: 'ana', reason: 'paid twice' },
        ...changes,
      },
    );
  const recorded = () => shared.databases[0].orm.select().from(audit).orderBy(asc(audit.id));
  const claim = async () => {
    const readData = (_gateway: string, body: Buffer) => readOwnData(body);
    const { events } = await createBacklog({ database: shared.databases[1], readData, random: () => 0 }).claim({
      count: 9,
    });
    return events.map(({ event }) => event);
  };

  it('is an event that only its definition reacts to, with the input as its data', async () => {
    expect(await ask()).toEqual({
      ...{ kind: 'accepted', repeated: false, source: 'kait', eventId: 'manual:give-back:case-12' },
      workflowId: 'kait-test/give-back/kait/manual:give-back:case-12',
    });
    expect(woken).toBe(1);
    expect(await claim()).toMatchObject([
      {
        ...{ id: 'manual:give-back:case-12', source: 'kait', gateway: 'kait', type: 'kait:manual' },
        ...{ nativeType: 'manual', occurredAt: '2026-11-28T01:00:00.000Z', entity: 'give-back', live: null },
        ...{ payment: null, data: { orderId: 'INV-7' } },
      },
    ]);
    expect(await recorded()).toMatchObject([
      {
        ...{ actor: 'ana', action: 'start', reason: 'paid twice' },
        target: 'kait-test/give-back/kait/manual:give-back:case-12',
      },
    ]);
  });

  it('is one run however often and from wherever the same key comes', async () => {
    const answers = await Promise.all([ask(), ask({}, shared.databases[1]), ask(), ask({}, shared.databases[1])]);
    expect(answers.filter((answer) => answer.kind === 'accepted' && !answer.repeated)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.kind === 'accepted' && answer.workflowId)).size).toBe(1);
    expect(await storedEvents(shared.databases[0])).toHaveLength(1);
    expect(await recorded()).toHaveLength(1);
  });

  it('is refused if its key came before with another input, however the members are ordered', async () => {
    await ask({ input: { orderId: 'INV-7', amount: 5 } });
    expect(await ask({ input: { orderId: 'INV-8', amount: 5 } })).toEqual({ kind: 'conflict' });
    expect(await ask({ input: { amount: 5, orderId: 'INV-7' } })).toMatchObject({ kind: 'accepted', repeated: true });
    expect(await recorded()).toHaveLength(1);
  });

  it('is another run without a key, and with the same key for another definition', async () => {
    const first = await ask({ key: undefined });
    const second = await ask({ key: undefined });
    expect(first).not.toEqual(second);
    expect(await storedEvents(shared.databases[0])).toHaveLength(2);
  });

  it.each<[string, Json, string]>([
    ['a list', [], 'expected an object, got a list'],
    ['null', null, 'expected an object, got null'],
    ['a text', '{"orderId":"INV-7"}', 'expected an object, got a text'],
    ['nothing of what it needs', {}, '`orderId`: is required'],
    ['a misspelt member', { orderId: 'INV-7', amuont: 1 }, '`amuont`: is not known'],
    ['a member of the wrong type', { orderId: 7 }, '`orderId`: expected a text, got a number'],
    [
      'a prototype of its own',
      JSON.parse('{"orderId":"INV-7","__proto__":{"amount":1}}') as Json,
      '`__proto__`: is not known',
    ],
    [
      'more than a webhook may have',
      { orderId: 'x'.repeat(1024 * 1024) },
      'it takes 1048590 bytes as JSON, and at most 1048576 are allowed',
    ],
  ])('is refused with %s, and leaves no trace', async (_what, wrong, problem) => {
    expect(await ask({ input: wrong })).toEqual({ kind: 'invalid', problem });
    expect(await storedEvents(shared.databases[0])).toEqual([]);
    expect(await recorded()).toEqual([]);
    expect(woken).toBe(0);
  });

  it('is refused for a definition that is not served, and for one that nobody starts', async () => {
    expect(await ask({ definition: 'giveback' })).toEqual({ kind: 'unknown', names: ['give-back'] });
    expect(await ask({ definition: '__proto__' })).toEqual({ kind: 'unknown', names: ['give-back'] });
    expect(await ask({ definition: 'order-paid' })).toEqual({ kind: 'not-manual' });
    expect(await ask({ definition: 'ship' })).toEqual({ kind: 'not-manual' });
  });

  it('takes a key of any length and of any characters', async () => {
    const long = await ask({ key: 'k'.repeat(255) });
    const strange = await ask({ key: 'nomor 7 \u{1F600}' });
    expect([long, strange]).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    const ids = (await claim()).map(({ id }) => id);
    expect(ids.map((id) => id.replace(/[0-9a-f]{64}$/, '…'))).toEqual([
      'manual:give-back:sha256:…',
      'manual:give-back:sha256:…',
    ]);
  });
});
