import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf, openInstallation, sealFits, sealOf } from '../../storage/installation.ts';
import { bothDatabases } from '../services/both-databases.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

describe.each(bothDatabases)('the installation of a %s database', (_kind, open) => {
  it('is created once, whichever process is first', async () => {
    const { databases, close } = await open();
    onTestFinished(close);
    const opened = await Promise.all([...databases, ...databases].map((database) => openInstallation(database, null)));
    const [first] = opened;
    expect(first?.id).toMatch(/^kait-[2-9a-hjkmnp-z]{6}$/);
    expect(first?.sealKey).toHaveLength(32);
    expect(opened).toEqual([first, first, first, first]);
  });

  it('takes another id from its setting, but keeps its key', async () => {
    const { databases, close } = await open();
    onTestFinished(close);
    const own = await openInstallation(databases[0], null);
    expect(await openInstallation(databases[1], 'shop-copy')).toEqual({ id: 'shop-copy', sealKey: own.sealKey });
    expect(await openInstallation(databases[0], null)).toEqual(own);
  });
});

it('differs from one database to the next', async () => {
  const databases = await Promise.all([openTestDatabase(), openTestDatabase()]);
  const [one, other] = await Promise.all(databases.map((database) => openInstallation(database, null)));
  await Promise.all(databases.map((database) => database.close()));
  expect(one?.id).not.toBe(other?.id);
  expect(one?.sealKey).not.toEqual(other?.sealKey);
});

const sealed = { kind: 'workflow', id: 'shop/a/stripe/evt_1', inputDigest: digestOf({ event: 1 }) } as const;
const installation = { sealKey: new Uint8Array(32) };

it('seals an input for one workflow', () => {
  expect(sealFits(installation, sealed, sealOf(installation, sealed))).toBe(true);
});

it.each([
  ['another input', { ...sealed, inputDigest: digestOf({ event: 2 }) }],
  ['another workflow', { ...sealed, id: 'shop/a/stripe/evt_2' }],
  ['a schedule of this id', { ...sealed, kind: 'schedule' as const }],
  ['a part moved from the id to the digest', { ...sealed, id: 'shop', inputDigest: `/a${sealed.inputDigest}` }],
])('does not seal %s', (_what, other) => {
  expect(sealFits(installation, other, sealOf(installation, sealed))).toBe(false);
});

it.each(['', 'x', sealOf(installation, sealed).slice(1), sealOf({ sealKey: new Uint8Array(32).fill(1) }, sealed)])(
  'refuses the seal "%s"',
  (seal) => {
    expect(sealFits(installation, sealed, seal)).toBe(false);
  },
);
