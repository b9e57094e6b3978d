import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInbox } from '../../../server/inbox.ts';
import { listEvents } from '../../../server/records.ts';
import { resolveRun } from '../../../server/runs/resolve-run.ts';
import { addRejectionSamples } from '../../../server/receiver/rejections.ts';
import { find } from '../../../server/search/find.ts';
import { listRuns } from '../../../server/search/list-runs.ts';
import { customerHashOf } from '../../../storage/customer-hash.ts';
import type { Database } from '../../../storage/database.ts';
import { openInstallation } from '../../../storage/installation.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import { deliveries, events, mails, messages, rejections, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { startPostgres, type PostgresServer } from '../../services/postgres.ts';
import { newEvent, sampleEvent } from '../sample-event.ts';

let server: PostgresServer;
const databases = new Map<string, Database>();
const at = new Date('2026-01-01T00:00:00Z');
const payment = sampleEvent().payment!;
const run = 'kait-1/order/stripe/evt_1';

beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' });
  const url = await server.createDatabase('find');
  databases.set('PGlite', await openTestDatabase());
  databases.set('PostgreSQL', await openPostgres(url, { connections: 2, onError: () => undefined }));
  for (const database of databases.values()) await store(database);
});
afterAll(async () => {
  for (const database of databases.values()) await database.close();
  await server.stop();
});

async function store(database: Database): Promise<void> {
  await openInstallation(database, 'kait-1');
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const customer = { id: null, email: 'Sari@Shop.example', name: null };
  await inbox.store(newEvent({ id: 'evt_1', payment: { ...payment, orderId: 'INV-2026-1', customer } }));
  const other = { ...payment, id: 'pi_2', orderId: 'INV-2026-2', amount: 500, currency: 'JPY' };
  await inbox.store(
    newEvent({
      id: 'evt_2',
      source: 'xendit',
      entity: 'pi_2',
      payment: { ...other, customer: { ...customer, email: null } },
    }),
  );
  await inbox.store(newEvent({ id: 'a/b', source: 'xendit', entity: 'x', payment: null }));
  await database.orm.insert(runs).values([
    { workflowId: run, event: 1, definition: 'order', definitionHash: 'h', startedAt: at },
    { workflowId: 'kait-1/audit/xendit/evt_2', event: 2, definition: 'audit', definitionHash: 'h', startedAt: at },
    { workflowId: 'kait-1/late/xendit/evt_2', event: 2, definition: 'late', definitionHash: 'h', startedAt: null },
  ]);
  await database.orm.insert(messages).values([
    { id: 'msg_1', idempotencyKey: `${run}/notify`, type: 'order.created', body: '{}', createdAt: at },
    { id: 'msg_2', idempotencyKey: `${run}0/notify`, type: 'order.created', body: '{}', createdAt: at },
  ]);
  await database.orm.insert(deliveries).values([
    { id: 'dlv_1', message: 'msg_1', endpoint: 'ep', url: 'https://a.example', createdAt: at },
    { id: 'dlv_2', message: 'msg_2', endpoint: 'ep', url: 'https://b.example', createdAt: at },
  ]);
  await database.orm.insert(mails).values({
    ...{ id: 'mail_1', idempotencyKey: `${run}/receipt`, messageId: '<m>', recipient: 'Sari@shop.example' },
    ...{ subject: 'Receipt', state: 'sent', createdAt: at },
  });
}

describe.each(['PGlite', 'PostgreSQL'])('in %s', (kind) => {
  const database = () => databases.get(kind)!;

  it.each([
    ['an order number', 'INV-2026-1'],
    ['a payment', 'pi_1'],
    ['an event', 'evt_1'],
    ['an event with its source', 'stripe/evt_1'],
    ['an amount', 'Rp 25.000'],
    ['an address in another case', 'SARI@shop.EXAMPLE'],
    ['a run', run],
    ['a delivery', 'dlv_1'],
    ['a message', 'msg_1'],
    ['a mail', 'mail_1'],
  ])('finds what mentions %s', async (_what, text) => {
    const found = await find(database(), text);
    expect(found).toMatchObject({
      events: [{ source: 'stripe', eventId: 'evt_1', orderId: 'INV-2026-1', currency: 'IDR', amount: 2_500_000 }],
      runs: [{ workflowId: run, because: 'started-by' }],
      deliveries: [{ id: 'dlv_1', run }],
      mails: [{ id: 'mail_1', run }],
      more: [],
    });
  });

  it('tells when an event was sent again, and from where: the first twenty times', async () => {
    const inbox = createInbox({ database: database(), wantsClaim: () => false, onStored: () => undefined });
    const again = newEvent({ id: 'a/b', source: 'xendit', entity: 'x', payment: null });
    for (let times = 0; times < 22; times += 1) await inbox.store({ ...again, sender: '203.0.113.9' });
    const [event] = (await find(database(), 'xendit/a/b')).events;
    expect(event?.duplicates).toBe(22);
    expect(event?.redeliveries).toHaveLength(20);
    expect(event?.redeliveries[0]).toEqual({
      at: expect.stringMatching(/Z$/) as string,
      times: 1,
      sender: '203.0.113.9',
    });
  });

  it.each(['INV-2026-1', 'pi_1', 'evt_1', run])('finds rejected requests that named the same as %s', async (text) => {
    const sample = {
      ...{ at, source: 'stripe', status: 401, address: '203.0.113.9', bytes: 9, headerNames: ['host'] },
    };
    await database().orm.delete(rejections);
    await addRejectionSamples(database(), [
      { ...sample, reason: 'wrong-signature', claims: ['INV-2026-1', 'pi_other'] },
      { ...sample, reason: 'missing-signature', claims: ['INV-2026-10'] },
      { ...sample, reason: 'address' },
    ]);
    expect((await find(database(), text)).rejections).toEqual([
      {
        at: '2026-01-01T00:00:00.000Z',
        source: 'stripe',
        reason: 'wrong-signature',
        status: 401,
        address: '203.0.113.9',
        bytes: 9,
      },
    ]);
  });

  it('finds a rejected request of which no event is known', async () => {
    const sample = {
      ...{ at, source: 'stripe', status: 401, address: '203.0.113.9', bytes: 9, headerNames: ['host'] },
    };
    await addRejectionSamples(database(), [{ ...sample, reason: 'wrong-signature', claims: ['ONLY-FORGED'] }]);
    const found = await find(database(), 'ONLY-FORGED');
    expect([found.events, found.rejections.length]).toEqual([[], 1]);
  });

  it('keeps nothing that a rejected request says', async () => {
    const stored = await database().orm.select({ claims: rejections.claims }).from(rejections);
    expect(JSON.stringify(stored)).not.toMatch(/INV|pi_|FORGED/);
  });

  it.each([
    ['its id', run, run],
    ['the id of its event', 'evt_1', run],
    ['that with its source', 'stripe/evt_1', run],
    ['its order number, with blanks around it', ' INV-2026-1 ', run],
    ['the id of a child run', `${run}/invoice`, `${run}/invoice`],
    ['what is known of no run', 'INV-2026-9', 'INV-2026-9'],
    ['a run that is still to be started', 'kait-1/late/xendit/evt_2', 'kait-1/late/xendit/evt_2'],
    ['an event without a run', 'xendit/a/b', 'xendit/a/b'],
    ['half of an id', 'kait-1/order', 'kait-1/order'],
    ['a hostile text', "' or 1=1 --%_", "' or 1=1 --%_"],
    ['a very long text', 'x'.repeat(1_500), 'x'.repeat(1_500)],
  ])('takes %s for a run', async (_what, named, workflowId) => {
    expect(await resolveRun(database(), named)).toBe(workflowId);
  });

  it('asks for one if a name stands for several runs', async () => {
    const second = { event: 1, definition: 'audit', definitionHash: 'h', startedAt: at };
    await database()
      .orm.insert(runs)
      .values({ ...second, workflowId: 'kait-1/audit/stripe/evt_1' });
    await expect(resolveRun(database(), 'INV-2026-1')).rejects.toMatchObject({
      status: 409,
      code: 'several-runs',
      message: '"INV-2026-1" names 2 runs. Give the id of one of them.',
      errors: [
        { detail: 'kait-1/audit/stripe/evt_1 (audit, started 2026-01-01T00:00:00Z)', parameter: 'run' },
        { detail: `${run} (order, started 2026-01-01T00:00:00Z)`, parameter: 'run' },
      ],
    });
    expect(await resolveRun(database(), run)).toBe(run);
    await database().orm.delete(runs).where(eq(runs.workflowId, 'kait-1/audit/stripe/evt_1'));
  });

  it('finds the id of an event that has a slash', async () => {
    expect((await find(database(), 'xendit/a/b')).events).toMatchObject([{ eventId: 'a/b' }]);
  });

  it.each([
    'INV-2026',
    'inv-2026-1',
    '%',
    '_',
    "' or true --",
    'kait-1',
    'kait-1/order',
    'INV-2026-1\u0000',
    '\ud800',
    '',
    '   ',
    'IDR 99',
    '@',
    'x'.repeat(1_000_000),
  ])('finds nothing for a text that nothing mentions, number %#', async (text) => {
    const { events: first, runs: second, deliveries: third, mails: fourth } = await find(database(), text);
    expect([first, second, third, fourth]).toEqual([[], [], [], []]);
  });

  it.each([
    [{ order: 'INV-2026-1' }, [run]],
    [{ payment: 'pi_2' }, ['kait-1/audit/xendit/evt_2']],
    [{ customer: ' SARI@shop.example' }, [run]],
    [{ customer: 'sari' }, []],
    [{ amount: { currency: 'JPY', amount: 500 } }, ['kait-1/audit/xendit/evt_2']],
    [{ amount: { currency: 'IDR', amount: 500 } }, []],
    [{ currency: 'IDR' }, [run]],
    [{ source: 'xendit' }, ['kait-1/audit/xendit/evt_2']],
    [{ definition: 'order', source: 'stripe', order: 'INV-2026-1' }, [run]],
    [{ definition: 'order', source: 'xendit' }, []],
    [{ since: '2026-01-02T00:00:00Z' }, []],
    [{ order: '%' }, []],
    [{ order: 'INV\u0000' }, []],
  ])('lists the runs of %j', async (filter, ids) => {
    expect((await listRuns(database(), { limit: 9, ...filter })).map(({ workflowId }) => workflowId)).toEqual(ids);
  });

  it.each([{}, { currency: 'IDR' }, { source: 'stripe' }])(
    'goes on after the last run of a page with %j',
    async (filter) => {
      const [first] = await listRuns(database(), { limit: 1, ...filter });
      const all = await listRuns(database(), { limit: 9, ...filter });
      const rest = await listRuns(database(), { limit: 9, ...filter, after: first!.place });
      expect([first, ...rest]).toEqual(all);
    },
  );

  it('lists the events of an order', async () => {
    expect(await listEvents(database(), { limit: 9, order: 'INV-2026-2' })).toMatchObject([
      { eventId: 'evt_2', amount: 500 },
    ]);
  });

  it('keeps a hash of the address, which only the installation can compute', async () => {
    const installation = await openInstallation(database(), null);
    const customer = sql<string | null>`replace(${events.customer}::text, '-', '')`;
    const stored = await database().orm.select({ customer }).from(events).orderBy(events.id);
    const hash = customerHashOf(installation, 'SARI@shop.example');
    expect(stored).toEqual([{ customer: hash }, { customer: null }, { customer: null }]);
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(customerHashOf({ sealKey: new Uint8Array(32) }, 'sari@shop.example')).not.toBe(hash);
  });
});
