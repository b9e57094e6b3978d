import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from './database.ts';

/** One deployment of Kait: everything that shares a database. */
export interface Installation {
  /** Begins every workflow, schedule and activity id, and names the task queues, so that installations can share a namespace. */
  id: string;
  /** Proves that Kait itself wrote the input of a run. Never leaves the server and the worker. */
  sealKey: Uint8Array;
}

/**
 * Deliveries have a queue of their own, so that slow endpoints take no slots from the runs. So have the runs of large events, of which a
 * worker keeps only a few in memory.
 */
export function taskQueuesOf(installation: string): { runs: string; largeRuns: string; deliveries: string } {
  return { runs: installation, largeRuns: `${installation}-large`, deliveries: `${installation}-deliveries` };
}

const insertSql = `
  insert into installation (id, seal_key) values ($1, decode($2, 'hex')) on conflict (only_one) do nothing`;
const selectSql = `select id, seal_key from installation`;

/**
 * Reads the installation of a database, and creates it at the first start. `name` (`KAIT_INSTALLATION`) takes the place of the stored
 * id: a copy of a database needs another one. Safe while other processes do the same.
 */
export async function openInstallation(database: Database, name: string | null): Promise<Installation> {
  await database.run('installation-insert', insertSql, [newId(), randomBytes(32).toString('hex')]);
  const [row] = await database.run<{ id: string; seal_key: Uint8Array }>('installation-select', selectSql, []);
  if (row === undefined) throw new Error('The table "installation" is empty although a row was just written');
  return { id: name ?? row.id, sealKey: row.seal_key };
}

/** Without letters and digits that look alike. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/** `kait-7f3qa2`: easy to type, and one in 887 million. */
function newId(): string {
  return `kait-${[...randomBytes(6)].map((byte) => alphabet[byte % alphabet.length]).join('')}`;
}

/**
 * What a seal holds for: one `workflow`, or the workflows that a `schedule` starts under this id with the time behind it.
 */
export interface Sealed {
  kind: 'workflow' | 'schedule';
  id: string;
  /** SHA-256 (hex) of the input's JSON without its seal. The interpreter computes the same: see `workflows/authority.ts`. */
  inputDigest: string;
}

/** SHA-256 (hex) of a run's input as Temporal stores it. */
export function digestOf(input: object): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

export function sealOf({ sealKey }: Pick<Installation, 'sealKey'>, { kind, id, inputDigest }: Sealed): string {
  return createHmac('sha256', sealKey)
    .update(JSON.stringify([kind, id, inputDigest]))
    .digest('hex');
}

/** Compares in constant time. */
export function sealFits(installation: Pick<Installation, 'sealKey'>, sealed: Sealed, seal: string): boolean {
  const expected = Buffer.from(sealOf(installation, sealed));
  const given = Buffer.from(seal);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
