import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../storage/database.ts';
import { endTurn, freeKey } from '../../../storage/turns/end-turn.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { deleteEvents } from '../stored-events.ts';
import { countTurns } from '../../../server/turns/count-turns.ts';
import { ordered, turnWorld } from './turn-world.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.run('test-clean-turns', 'delete from turns', []);
  await database.run('test-clean-rules', 'delete from turn_rules', []);
  await database.run('test-clean-runs', 'delete from runs', []);
  await deleteEvents(database);
});

describe('runs of one key', () => {
  it('go one at a time, in the order of their events', async () => {
    const world = turnWorld(database);
    const [a, b, c] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1'), await world.store('c', 'pi_1')];
    expect([await world.dispatch(a), await world.dispatch(b), await world.dispatch(c)]).toEqual([
      'go',
      'queued',
      'queued',
    ]);
    expect([await world.state('a'), await world.state('b'), await world.state('c')]).toEqual([
      'dispatched',
      'queued',
      'queued',
    ]);
    await world.end('a');
    expect(await world.pending()).toEqual(['b']);
    expect(await world.dispatch(b)).toBe('go');
    await world.end('b', 'failed');
    expect(await world.pending()).toEqual(['c']);
    expect(await world.dispatch(c)).toBe('go');
    await world.end('c', 'canceled');
    expect(await world.turns()).toEqual([]);
  });

  it('do not hold up those of other keys, and those without a key are not ordered', async () => {
    const world = turnWorld(database);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_2')];
    const [c, d] = [await world.store('c', 'x', { entity: null }), await world.store('d', 'x', { entity: null })];
    const answers = [
      await world.dispatch(a),
      await world.dispatch(b),
      await world.dispatch(c),
      await world.dispatch(d),
    ];
    expect(answers).toEqual(['go', 'go', 'go', 'go']);
  });

  it('go in order although a later event is dispatched first', async () => {
    const world = turnWorld(database);
    const [a, b, c] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1'), await world.store('c', 'pi_2')];
    expect(await world.dispatch(c)).toBe('go');
    expect(await world.dispatch(b)).toBe('queued');
    expect(await world.turns()).toEqual(['b ready', 'c holding']);
    expect(await world.dispatch(a)).toBe('go');
    expect(await world.turns()).toEqual(['a holding', 'b queued', 'c holding']);
  });

  it('do not wait for an earlier event that starts no run of the definition', async () => {
    const world = turnWorld(
      database,
      ordered({ on: { event: 'payment.succeeded', if: { '==': [{ var: 'event.live' }, true] } } }),
    );
    await world.store('test', 'pi_1', { live: false });
    const later = await world.store('live', 'pi_1', { live: true });
    expect(await world.dispatch(later)).toBe('go');
  });

  it('are asked for twice, and have one turn', async () => {
    const world = turnWorld(database);
    const a = await world.store('a', 'pi_1');
    const b = await world.store('b', 'pi_1');
    expect([await world.take(a), await world.take(a)]).toEqual([{ kind: 'go' }, { kind: 'go' }]);
    await world.record(a, { kind: 'go' });
    expect(await Promise.all([world.take(b), world.take(b)])).toEqual([{ kind: 'queued' }, { kind: 'queued' }]);
    expect(await world.turns()).toEqual(['a holding', 'b queued']);
    expect([await world.end('a'), await world.end('a')]).toEqual([true, false]);
    expect(await world.turns()).toEqual(['b holding']);
  });

  it('go on when a run waits, and not again when it ends', async () => {
    const world = turnWorld(database);
    const [a, b, c] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1'), await world.store('c', 'pi_1')];
    for (const each of [a, b, c]) await world.dispatch(each);
    await world.end('a', 'waits');
    expect(await world.turns()).toEqual(['b holding', 'c queued']);
    await world.end('a', 'completed');
    expect(await world.turns()).toEqual(['b holding', 'c queued']);
  });

  it('get the turn that is given while the outcome of their event is recorded', async () => {
    const world = turnWorld(database);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    await world.dispatch(a);
    const answer = await world.take(b);
    await world.end('a');
    await world.record(b, answer);
    expect(answer).toEqual({ kind: 'queued' });
    expect(await world.state('b')).toBe('pending');
  });
});

const blocking = ordered({ onPoison: 'block' });

describe('a dispatcher that dies or is late', () => {
  it('gives no second turn to a run that has begun to wait before anybody recorded its start', async () => {
    const world = turnWorld(database);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    await world.take(a);
    await world.end('a', 'waits');
    expect(await world.dispatch(a)).toBe('go');
    expect(await world.turns()).toEqual(['a ended']);
    expect(await world.dispatch(b)).toBe('go');
  });

  it('is told why an event was passed over since it asked', async () => {
    const world = turnWorld(database, ordered({ limits: { perKey: 'latest' } }));
    const [a, b, c] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1'), await world.store('c', 'pi_1')];
    await world.dispatch(a);
    const answer = await world.take(b);
    await world.dispatch(c);
    await world.record(b, answer);
    expect(await world.state('b')).toBe('pending');
    expect(await world.dispatch(b)).toBe('merged');
    expect(await world.state('b')).toBe('ignored');
  });

  it('loses no event whose turn was given and taken away since it asked', async () => {
    const world = turnWorld(database);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    await world.dispatch(a);
    const answer = await world.take(b);
    await world.end('a');
    await freeKey(database, { definition: 'in-order', key: 'pi_1', actor: 'ana', reason: 'r' });
    await world.record(b, answer);
    expect(await world.pending()).toEqual(['b']);
    expect(await world.dispatch(b)).toBe('go');
  });

  it('does not undo the record of the one that came after it', async () => {
    const world = turnWorld(database);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    await world.dispatch(a);
    const late = await world.take(b);
    await world.end('a');
    await world.dispatch(b);
    await world.end('b');
    await world.record(b, late);
    expect(await world.state('b')).toBe('dispatched');
  });

  it('leaves an event alone of which one run has its turn, and another one waits', async () => {
    const world = turnWorld(database);
    const other = turnWorld(database, ordered({ name: 'other' }));
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    await other.dispatch(a);
    const runs = [await world.take(b), await other.take(b, '/other')];
    expect(runs).toEqual([{ kind: 'go' }, { kind: 'queued' }]);
    await world.recordBoth(b);
    expect(await world.state('b')).toBe('queued');
  });
});

describe('a key whose run has failed', () => {
  it('stays with the run if the definition says so, until the event is run again', async () => {
    const world = turnWorld(database, blocking);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    for (const each of [a, b]) await world.dispatch(each);
    await world.end('a', 'failed');
    expect(await world.turns()).toEqual(['a blocked', 'b queued']);
    expect(await countTurns(database, 10)).toEqual({ waiting: 1, blocked: 1 });
    expect(await world.take(a, '/kait:again-1')).toEqual({ kind: 'go' });
    await world.record(a, { kind: 'go' });
    expect(await world.turns()).toEqual(['a/kait:again-1 holding', 'b queued']);
    await endTurn(database, { workflowId: world.idOf('a/kait:again-1'), how: 'completed' });
    expect(await world.turns()).toContain('b holding');
  });

  it('is freed by an operator', async () => {
    const world = turnWorld(database, blocking);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    for (const each of [a, b]) await world.dispatch(each);
    await world.end('a', 'failed');
    expect(await world.end('a', 'failed')).toBe(false);
    const release = { definition: 'in-order', actor: 'ana', reason: 'it was refunded by hand' };
    expect(await freeKey(database, { ...release, key: 'pi_1' })).toBe(world.idOf('a'));
    expect(await freeKey(database, { ...release, key: 'pi_2' })).toBeNull();
    expect(await world.turns()).toEqual(['b holding']);
    expect(await world.pending()).toEqual(['b']);
  });

  it.each(['canceled', 'completed'] as const)('is free after a run that is %s', async (how) => {
    const world = turnWorld(database, blocking);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    for (const each of [a, b]) await world.dispatch(each);
    await world.end('a', how);
    expect(await world.turns()).toEqual(['b holding']);
  });
});

describe('an event that its gateway denies', () => {
  it('frees its key although failed runs keep theirs', async () => {
    const world = turnWorld(database, blocking);
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    for (const each of [a, b]) await world.dispatch(each);
    await world.end('a', 'denied');
    expect(await world.turns()).toEqual(['b holding']);
  });

  it('skips no other for good', async () => {
    const world = turnWorld(database, ordered({ limits: { perKey: 'skip' } }));
    const [forged, b] = [await world.store('forged', 'pi_1'), await world.store('b', 'pi_1')];
    expect([await world.dispatch(forged), await world.dispatch(b)]).toEqual(['go', 'skipped']);
    await world.end('forged', 'denied');
    expect(await world.pending()).toEqual(['b']);
    expect(await world.dispatch(b)).toBe('go');
  });

  it('takes the place of no other for good', async () => {
    const world = turnWorld(database, ordered({ limits: { perKey: 'latest' } }));
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    const forged = await world.store('forged', 'pi_1');
    for (const each of [a, b, forged]) await world.dispatch(each);
    expect(await world.turns()).toEqual(['a holding', 'b merged', 'forged queued']);
    await world.dispatch(b);
    await world.end('a');
    await world.dispatch(forged);
    await world.end('forged', 'denied');
    expect(await world.pending()).toEqual(['b']);
    expect(await world.dispatch(b)).toBe('go');
  });
});

describe('limits', () => {
  it('skip an event whose key is taken, whether its run has begun or not', async () => {
    const world = turnWorld(database, ordered({ limits: { perKey: 'skip' } }));
    const [a, b, c] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1'), await world.store('c', 'pi_1')];
    expect([await world.dispatch(a), await world.dispatch(b)]).toEqual(['go', 'skipped']);
    expect(await world.take(b)).toEqual({ kind: 'passed', why: 'skipped', because: a.rowId });
    await world.end('a');
    expect(await world.dispatch(c)).toBe('go');
    expect(await world.turns()).toEqual(['b skipped', 'c holding']);
    expect(await world.state('b')).toBe('ignored');
  });

  it('let only the latest of those wait whose key is taken', async () => {
    const world = turnWorld(database, ordered({ limits: { perKey: 'latest' } }));
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    const [c, d] = [await world.store('c', 'pi_1'), await world.store('d', 'pi_1')];
    expect([await world.dispatch(a), await world.dispatch(b)]).toEqual(['go', 'queued']);
    expect([await world.dispatch(d), await world.dispatch(c)]).toEqual(['queued', 'merged']);
    expect(await world.turns()).toEqual(['a holding', 'b merged', 'c merged', 'd queued']);
    await world.end('a');
    expect(await world.turns()).toEqual(['b merged', 'c merged', 'd holding']);
    expect(await world.state('b')).toBe('pending');
    expect(await world.dispatch(b)).toBe('merged');
    expect(await world.state('b')).toBe('ignored');
  });

  it('wait for a pause between events, but not forever', async () => {
    const world = turnWorld(database, ordered({ limits: { debounce: '1h' } }));
    const [a, b] = [await world.store('a', 'pi_1'), await world.store('b', 'pi_1')];
    expect([await world.dispatch(a), await world.dispatch(b)]).toEqual(['queued', 'queued']);
    expect(await world.turns()).toEqual(['a merged', 'b ready']);
    const sql = `
      select extract(epoch from not_before - at)::int as after from turns where state = 'ready'`;
    expect(await database.run('test-debounce', sql, [])).toEqual([{ after: 3_600 }]);
    await database.run('test-older', `update turns set first_at = first_at - interval '9.5 hours'`, []);
    await world.dispatch(await world.store('c', 'pi_1'));
    expect(await database.run('test-debounce', sql, [])).toEqual([{ after: 1_800 }]);
  });

  it('give no more turns than may be active, and than a time may have', async () => {
    const world = turnWorld(
      database,
      ordered({ key: undefined, limits: { concurrent: 3, rate: { max: 4, per: '1h' } } } as never),
    );
    const events = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => world.store(id, id)));
    const answers: string[] = [];
    for (const each of events.sort((x, y) => x.rowId - y.rowId)) answers.push(await world.dispatch(each));
    expect(answers).toEqual(['go', 'go', 'go', 'queued', 'queued']);
    await world.end(events[0]?.event.id ?? '');
    expect(await world.pending()).toEqual([events[3]?.event.id]);
    await world.end(events[1]?.event.id ?? '');
    expect(await world.pending()).toEqual([events[3]?.event.id]);
  });
});
