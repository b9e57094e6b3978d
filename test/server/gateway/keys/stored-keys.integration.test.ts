import { describe, expect, it, onTestFinished } from 'vitest';
import { createKnownKeys, type ProvenKey } from '../../../../server/gateway/keys/known-keys.ts';
import { keepStoredKeys } from '../../../../server/gateway/keys/stored-keys.ts';
import type { Database } from '../../../../storage/database.ts';
import { gatewayKeys } from '../../../../storage/schema.ts';
import { bothDatabases } from '../../../services/both-databases.ts';

const address = 'https://api.paypal.com/v1/notifications/certs/CERT-1';
const at = Date.parse('2026-11-27T00:00:00Z');
const day = 24 * 60 * 60 * 1000;
const asker = { sender: '203.0.113.9', isKey: (text: string) => text.startsWith('key') };
const proven = (changes: Partial<ProvenKey> = {}): ProvenKey => ({
  ...{ address, text: 'key 1', fetchedAt: at, verifiedAt: at },
  ...changes,
});

/** A process whose gateway is down. */
function startProcess(database: Database, nowMs = at) {
  const warnings: unknown[] = [];
  const log = { warn: (fact: unknown) => warnings.push(fact) };
  const fetch = () => Promise.reject(new Error('down'));
  const keys = createKnownKeys({ fetch, now: () => nowMs, random: () => 0, log });
  const textAt = (of = address) => keys.keyAt(of, asker).then(({ text }) => text, String);
  return { keys, textAt, stored: keepStoredKeys({ keys, database, log }), warnings };
}

/** As a process does that has proven the keys. */
async function store(database: Database, ...keys: ProvenKey[]): Promise<void> {
  const { log } = { log: { warn: (fact: unknown) => expect.unreachable(JSON.stringify(fact)) } };
  const known = { load: () => undefined, takeChanged: () => keys.splice(0) };
  await keepStoredKeys({ keys: known, database, log }).stop();
}

describe.each(bothDatabases)('in a %s database', (_kind, openBoth) => {
  async function open() {
    const { databases, close } = await openBoth();
    onTestFinished(close);
    return databases;
  }

  it('a proven key survives the process, and is known to another', async () => {
    const databases = await open();
    await store(databases[0], proven());
    const { stored, textAt } = startProcess(databases[1]);
    await stored.start();
    expect(await textAt()).toBe('key 1');
    await stored.stop();
  });

  it('the later answer of the gateway counts, whichever process writes first', async () => {
    const databases = await open();
    await Promise.all([
      store(databases[0], proven({ text: 'key 2', fetchedAt: at + day, verifiedAt: at })),
      store(databases[1], proven({ verifiedAt: at + 1 })),
    ]);
    await store(databases[0], proven());
    expect(await databases[1].orm.select().from(gatewayKeys)).toEqual([
      { address, key: 'key 2', fetchedAt: new Date(at + day), verifiedAt: new Date(at + 1) },
    ]);
  });

  it('a hundred keys are kept: those that have verified something last', async () => {
    const [database] = await open();
    const keys = Array.from({ length: 120 }, (_, index) =>
      proven({ address: `${address}-${index}`, verifiedAt: at - index * 1000 }),
    );
    await store(database, ...keys);
    const rows = await database.orm.select().from(gatewayKeys);
    expect(rows.map((row) => row.address).sort()).toEqual(
      keys
        .slice(0, 100)
        .map((key) => key.address)
        .sort(),
    );
  });

  it('rows with garbage verify nothing and stop nothing', async () => {
    const [database] = await open();
    const times = { fetchedAt: new Date(at), verifiedAt: new Date(at) };
    await database.orm.insert(gatewayKeys).values([
      { ...times, address: '', key: '' },
      { ...times, address: 'nonsense \u{1F511}', key: '<html>' },
      { ...times, address: `${address}-huge`, key: `key ${'k'.repeat(2 ** 20)}` },
      { ...times, address: `${address}-gone`, key: null },
      { address: `${address}-ahead`, key: 'key 3', fetchedAt: new Date(at + 9e12), verifiedAt: new Date(at + 9e12) },
      { address: `${address}-old`, key: 'key 4', fetchedAt: new Date(0), verifiedAt: new Date(0) },
      { ...times, address, key: 'key 1' },
    ]);
    const { stored, textAt, warnings } = startProcess(database);
    await stored.start();
    const addresses = [
      '',
      'nonsense \u{1F511}',
      ...['-huge', '-gone', '-ahead', '-old', ''].map((end) => address + end),
    ];
    expect(await Promise.all(addresses.map((each) => textAt(each)))).toEqual([
      'Error: down',
      'Error: down',
      'Error: down',
      'Error: down',
      'key 3',
      'Error: down',
      'key 1',
    ]);
    expect(warnings).toHaveLength(4); // Those that were proven, and cannot be fetched.
    await stored.stop();
  });
});

it('keeps what it cannot write for the next time', async () => {
  const { stored, warnings, keys } = startProcess({
    run: () => Promise.reject(new Error('away')),
  } as unknown as Database);
  keys.load([proven({ verifiedAt: at - day })]);
  const key = await keys.keyAt(address, asker);
  key.noteVerified('key 1');
  await stored.stop();
  expect(warnings).toEqual([{ err: new Error('away') }, { err: new Error('away') }]);
});
