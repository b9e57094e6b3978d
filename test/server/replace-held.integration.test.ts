import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import type { NewEvent } from '../../server/new-event.ts';
import { events } from '../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { bodyOf, newEvent } from './sample-event.ts';
import { deleteEvents, storedEvents } from './stored-events.ts';

/** The payment without its order, which waits for the webhook with both. */
const held = (): NewEvent => ({
  ...newEvent({ nativeType: 'payment_intent.succeeded', entity: 'pi_1' }),
  holdMs: 20_000,
  body: bodyOf('{"told":"held"}'),
});
/** The same payment with its order. */
const full = (): NewEvent => ({
  ...newEvent({
    nativeType: 'checkout.session.completed',
    entity: 'cs_1',
    occurredAt: '2026-01-01T00:00:05.000Z',
    receivedAt: '2026-01-01T00:00:06.000Z',
  }),
  endsHold: true,
  body: {
    ...bodyOf('{"told":"full"}'),
    contentType: 'application/json; charset=utf-8',
    headers: { 'x-of': 'full' },
  },
});

describe.each(bothDatabases)('a held event in %s', (_name, open) => {
  let databases: SharedDatabase['databases'];
  let close: SharedDatabase['close'];
  beforeAll(async () => {
    ({ databases, close } = await open());
  });
  afterAll(() => close());
  beforeEach(async () => {
    await deleteEvents(databases[0]);
  });

  /** Two processes of Kait, and how each event that one of them dispatches was told. */
  function openProcesses({ hasRoom = () => true }: { hasRoom?: () => boolean } = {}) {
    const dispatched: string[] = [];
    const processes = databases.map((database) => {
      const backlog = createBacklog({
        database,
        readData: (_gateway, body) => () => JSON.parse(body.toString()) as never,
        random: () => 0,
      });
      const inbox = createInbox({
        database,
        wantsClaim: hasRoom,
        onStored: (_rowId, event) => dispatched.push(event.nativeType),
      });
      const poll = async () => {
        const { events: claimed } = await backlog.claim({ count: 10 });
        dispatched.push(...claimed.map(({ event }) => event.nativeType));
      };
      return { store: (entry: NewEvent) => inbox.store(entry), poll };
    });
    return { dispatched, one: processes[0]!, other: processes[1]! };
  }

  const rows = () => storedEvents(databases[0]);
  const endHolds = () =>
    databases[0].orm
      .update(events)
      .set({ claimedUntil: sql`now() - interval '1 millisecond'` })
      .where(eq(events.held, true));

  it('is pending, and nobody dispatches it before its hold ends', async () => {
    const { one, other, dispatched } = openProcesses();
    expect(await one.store(held())).toMatchObject({ duplicate: false, claimed: false });
    await Promise.all([one.poll(), other.poll()]);
    expect(dispatched).toEqual([]);
    expect(await rows()).toMatchObject([{ state: 'pending', held: true }]);
    const [length] = await databases[0].run<{ seconds: string }>(
      'hold-length',
      'select extract(epoch from claimed_until - now()) as seconds from events',
      [],
    );
    expect(Number(length!.seconds)).toBeGreaterThan(15);
    expect(Number(length!.seconds)).toBeLessThanOrEqual(20);
  });

  it('is dispatched once at the end of its hold, by a process that was started in the meantime as well', async () => {
    await openProcesses().one.store(held());
    await endHolds();
    const { one, other, dispatched } = openProcesses();
    await Promise.all([one.poll(), other.poll()]);
    await Promise.all([one.poll(), other.poll()]);
    expect(dispatched).toEqual(['payment_intent.succeeded']);
    expect(await rows()).toMatchObject([{ held: false }]);
  });

  it('is replaced by a webhook without a hold, which is dispatched at once', async () => {
    const { one, other, dispatched } = openProcesses();
    const first = await one.store(held());
    const second = await other.store(full());
    expect(second).toEqual({ ...first, claimed: true });
    expect(dispatched).toEqual(['checkout.session.completed']);
    const [row] = await rows();
    expect(row).toMatchObject({
      eventId: 'evt_1',
      state: 'pending',
      held: false,
      duplicates: 0,
      nativeType: 'checkout.session.completed',
      entity: 'cs_1',
      occurredAt: new Date('2026-01-01T00:00:05.000Z'),
      receivedAt: new Date('2026-01-01T00:00:06.000Z'),
      contentType: 'application/json; charset=utf-8',
      headers: { 'x-of': 'full' },
    });
    expect(row!.body!.toString()).toBe('{"told":"full"}');
    expect(row!.envelope).toMatchObject({ nativeType: 'checkout.session.completed', entity: 'cs_1' });
  });

  it('is replaced without a claim if the dispatcher has no room, and polling finds the replacement at once', async () => {
    const { one, other, dispatched } = openProcesses({ hasRoom: () => false });
    await one.store(held());
    expect(await other.store(full())).toMatchObject({ duplicate: false, claimed: false });
    expect(dispatched).toEqual([]);
    await one.poll();
    expect(dispatched).toEqual(['checkout.session.completed']);
  });

  it('is a duplicate if the webhook without a hold came first', async () => {
    const { one, other, dispatched } = openProcesses();
    await one.store(full());
    expect(await other.store(held())).toEqual({ duplicate: true });
    expect(dispatched).toEqual(['checkout.session.completed']);
    expect(await rows()).toMatchObject([{ duplicates: 1, nativeType: 'checkout.session.completed', held: false }]);
  });

  it.each<[string, () => PromiseLike<unknown>]>([
    ['its hold is over', () => endHolds()],
    [
      'it was claimed',
      async () => {
        await endHolds();
        await openProcesses().one.poll();
      },
    ],
    [
      'it was dispatched',
      () => databases[0].orm.update(events).set({ state: 'dispatched', claimedUntil: null, held: false }),
    ],
  ])('stays as it is once %s: the other webhook is a duplicate', async (_when, happen) => {
    const { one } = openProcesses();
    await one.store(held());
    await happen();
    expect(await one.store(full())).toEqual({ duplicate: true });
    expect(await rows()).toMatchObject([{ duplicates: 1, nativeType: 'payment_intent.succeeded' }]);
  });

  it('is not replaced by an event that starts nothing', async () => {
    const { one } = openProcesses();
    await one.store(held());
    expect(await one.store({ ...full(), state: 'ignored', lastError: 'test event' })).toEqual({ duplicate: true });
    expect(await rows()).toMatchObject([{ state: 'pending', held: true, nativeType: 'payment_intent.succeeded' }]);
  });

  it('is not replaced by its own redelivery', async () => {
    const { one, other, dispatched } = openProcesses();
    await one.store(held());
    expect(await other.store(held())).toEqual({ duplicate: true });
    expect(dispatched).toEqual([]);
    expect(await rows()).toMatchObject([{ held: true, duplicates: 1 }]);
  });

  it('is not prolonged by its own redelivery', async () => {
    const { one } = openProcesses();
    await one.store(held());
    const [before] = await rows();
    await one.store({ ...held(), holdMs: 300_000 });
    expect((await rows())[0]!.claimedUntil).toEqual(before!.claimedUntil);
  });

  it('is replaced by one of the two copies of the webhook without a hold, and the other one is counted', async () => {
    const { one, other, dispatched } = openProcesses();
    await one.store(held());
    const results = await Promise.all([one.store(full()), other.store(full()), one.store(full())]);
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(dispatched).toEqual(['checkout.session.completed']);
    expect(await rows()).toMatchObject([{ duplicates: 2 }]);
  });

  /** In which order one process gets the two, all in one turn of the event loop and so in one commit. */
  const orders: [string, (() => NewEvent)[]][] = [
    ['the held one first', [held, full]],
    ['the held one last', [full, held]],
    ['each twice', [held, full, held, full]],
    ['the held one between', [full, held, full]],
  ];
  it.each(orders)(
    'shares a commit with the webhook that replaces it, %s: one dispatch, of the latter',
    async (_order, entries) => {
      const { one, dispatched } = openProcesses();
      const results = await Promise.all(entries.map((entry) => one.store(entry())));
      expect(dispatched).toEqual(['checkout.session.completed']);
      expect(results.length).toBe(entries.length);
      expect(await rows()).toMatchObject([{ nativeType: 'checkout.session.completed', held: false }]);
    },
  );

  const rounds = Array.from({ length: 40 }, (_, round) => round);

  it.each(rounds)(
    'meets the other webhook in two processes at once, redelivered and polled for: one dispatch (%i)',
    async (round) => {
      const { one, other, dispatched } = openProcesses({ hasRoom: () => round % 3 !== 0 });
      const [first, second] = round % 2 === 0 ? [one, other] : [other, one];
      await Promise.all([
        first.store(held()),
        second.poll(),
        second.store(full()),
        first.poll(),
        first.store(full()),
        second.store(held()),
      ]);
      await Promise.all([one.poll(), other.poll()]);
      expect(dispatched).toEqual(['checkout.session.completed']);
      expect(await rows()).toMatchObject([{ nativeType: 'checkout.session.completed', held: false }]);
    },
  );

  it.each(rounds)(
    'ends its hold while the other webhook arrives and both processes poll: one dispatch (%i)',
    async (round) => {
      const { one, other, dispatched } = openProcesses({ hasRoom: () => round % 3 !== 0 });
      await one.store(held());
      const meeting = [
        () => one.store(full()),
        () => other.poll(),
        () => endHolds(),
        () => one.poll(),
        () => other.store(full()),
      ];
      await Promise.all(meeting.map((_, index) => meeting[(index + round) % meeting.length]!()));
      await endHolds();
      await Promise.all([one.poll(), other.poll()]);
      expect(dispatched).toHaveLength(1);
      // What was dispatched is what is stored, whichever of the two it was.
      expect(await rows()).toMatchObject([{ nativeType: dispatched[0], held: false }]);
    },
  );
});
