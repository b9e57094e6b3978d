import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Database } from './database.ts';

/** The workflow whose history refers to a value. */
export interface PayloadOwner {
  namespace: string;
  workflowId: string;
}

/** Large values of runs, kept out of Temporal's histories. Several processes may use the same table. */
export interface PayloadStore {
  /** Resolves to the SHA-256 (hex) of the bytes once they are on disk. Idempotent: a replay stores the same again. */
  put(owner: PayloadOwner, bytes: Uint8Array): Promise<string>;
  /** Null if nothing was stored for this workflow under this digest. */
  get(owner: PayloadOwner, digest: string): Promise<Uint8Array | null>;
  /** Up to so many workflows with values about which nobody has asked Temporal for a day. */
  due(namespace: string, most: number): Promise<string[]>;
  /** Puts the next question off for a day: Temporal still knows the workflow. */
  keep(owner: PayloadOwner): Promise<void>;
  /** Deletes the workflow's values, but none that was stored again meanwhile. Resolves to their number. */
  release(owner: PayloadOwner): Promise<number>;
}

/** A run has this time to be started before anybody asks whether it exists. */
const nextCheck = `now() + interval '1 day'`;
const ofWorkflow = `namespace = $1 and workflow_id = $2`;

const touchSql = `update payloads set check_at = ${nextCheck} where ${ofWorkflow} and digest = $3 returning digest`;
const insertSql = `
  insert into payloads (namespace, workflow_id, digest, bytes, check_at) values ($1, $2, $3, $4, ${nextCheck})
  on conflict (namespace, workflow_id, digest) do update set check_at = ${nextCheck}`;
const selectSql = `select bytes from payloads where ${ofWorkflow} and digest = $3`;
const dueSql = `
  select workflow_id from payloads where namespace = $1 and check_at <= now()
  group by workflow_id order by min(check_at) limit $2`;
const keepSql = `update payloads set check_at = ${nextCheck} where ${ofWorkflow} and check_at <= now()`;
const releaseSql = `delete from payloads where ${ofWorkflow} and check_at <= now() returning digest`;

export function createPayloadStore(database: Database): PayloadStore {
  return {
    async put({ namespace, workflowId }, bytes) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      const key = [namespace, workflowId, digest];
      const known = await database.run('payload-touch', touchSql, key);
      if (known.length === 0) await database.run('payload-insert', insertSql, [...key, await compressed(bytes)]);
      return digest;
    },
    async get({ namespace, workflowId }, digest) {
      const key = [namespace, workflowId, digest];
      const [row] = await database.run<{ bytes: Uint8Array }>('payload-select', selectSql, key);
      return row === undefined ? null : promisify(gunzip)(row.bytes);
    },
    async due(namespace, most) {
      const rows = await database.run<{ workflow_id: string }>('payload-due', dueSql, [namespace, most]);
      return rows.map((row) => row.workflow_id);
    },
    async keep({ namespace, workflowId }) {
      await database.run('payload-keep', keepSql, [namespace, workflowId]);
    },
    async release({ namespace, workflowId }) {
      return (await database.run('payload-release', releaseSql, [namespace, workflowId])).length;
    },
  };
}

/** Off the main thread. A tenth of a second for 16 MiB, of which PGlite would take seconds as they are. */
function compressed(bytes: Uint8Array): Promise<Buffer> {
  return promisify(gzip)(bytes, { level: 1 });
}
