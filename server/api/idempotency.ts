import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import { ApiProblem } from './problem.ts';

/** An answer as it is sent. */
export interface ReadyAnswer {
  status: number;
  contentType: string | null;
  body: string;
  headers: Record<string, string>;
}

/** A request with an idempotency key. */
export interface KeyedRequest {
  /** What the client has sent as `Idempotency-Key`. */
  key: string;
  /** The header `Authorization`, or what the browser of a session has. */
  callerSecret: string;
  method: string;
  url: string;
  body: unknown;
}

export interface IdempotencyDeps {
  database: Pick<Database, 'run'>;
  log: Pick<Logger, 'warn'>;
}

/** Whoever works on a request renews its lease; if its process dies, the key is free again after this time. */
const leaseSeconds = 60;
const renewEveryMs = 15_000;
const keptHours = 24;
/** Larger answers are not kept; then a repeated request is worked on again. */
const mostBytes = 512 * 1024;

const claimSql = `
  insert into idempotency_keys (id, digest, lease, lease_until, expires_at)
  values ($1, $2, $3, now() + interval '${leaseSeconds} seconds', now() + interval '${keptHours} hours')
  on conflict (id) do update
    set digest = excluded.digest, lease = excluded.lease, lease_until = excluded.lease_until, expires_at = excluded.expires_at, answer = null
    where idempotency_keys.expires_at < now()
      or (idempotency_keys.answer is null and idempotency_keys.lease_until < now() and idempotency_keys.digest = excluded.digest)
  returning id`;
const readSql = `select digest, answer from idempotency_keys where id = $1`;
const renewSql = `update idempotency_keys set lease_until = now() + interval '${leaseSeconds} seconds' where id = $1 and lease = $2`;
const storeSql = `update idempotency_keys set answer = $3 where id = $1 and lease = $2`;
const dropSql = `delete from idempotency_keys where id = $1 and lease = $2`;

/**
 * Works on a request once for each key, and answers its repetitions with the first answer. A failure of Kait's own is not kept. If the process
 * dies in between, a repetition is worked on again; every operation of the API is safe for that on its own. The key belongs to the API
 * key that sends it.
 */
export async function answerOnce(
  { database, log }: IdempotencyDeps,
  request: KeyedRequest,
  work: () => Promise<ReadyAnswer>,
): Promise<ReadyAnswer> {
  const id = derive(request, 'id').toString('hex');
  const digest = digestOf(request);
  const lease = randomUUID();
  if ((await database.run('idempotency-claim', claimSql, [id, digest, lease])).length === 0) {
    return replayed(database, id, digest, request);
  }
  const own = [id, lease];
  const renewing = setInterval(() => {
    database
      .run('idempotency-renew', renewSql, own)
      .catch((err: unknown) => log.warn({ err }, 'a lease was not renewed'));
  }, renewEveryMs);
  let answer: ReadyAnswer | undefined;
  try {
    answer = await work();
    return answer;
  } finally {
    clearInterval(renewing);
    // The answer is there, whether it can be kept or not.
    await keep(database, own, answer, request).catch((err: unknown) => log.warn({ err }, 'an answer was not kept'));
  }
}

async function keep(
  database: Pick<Database, 'run'>,
  own: string[],
  answer: ReadyAnswer | undefined,
  request: KeyedRequest,
): Promise<void> {
  const isKept =
    answer !== undefined && answer.status < 500 && answer.status !== 429 && answer.body.length <= mostBytes;
  if (isKept) await database.run('idempotency-store', storeSql, [...own, encrypted(answer, request)]);
  else await database.run('idempotency-drop', dropSql, own);
}

async function replayed(
  database: Pick<Database, 'run'>,
  id: string,
  digest: string,
  request: KeyedRequest,
): Promise<ReadyAnswer> {
  type Row = { digest: string; answer: Uint8Array | null } | undefined;
  const row = (await database.run('idempotency-read', readSql, [id]))[0] as Row;
  if (row !== undefined && row.digest !== digest) {
    const detail = 'This Idempotency-Key was sent with another request before. Use a new one for each request.';
    throw new ApiProblem(422, 'key-reused', detail);
  }
  if (row === undefined || row.answer === null) {
    const detail = 'A request with this Idempotency-Key is still being worked on. Send it again later.';
    throw new ApiProblem(409, 'in-progress', detail, { headers: { 'retry-after': '1' } });
  }
  const answer = decrypted(Buffer.from(row.answer), request);
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

function digestOf({ method, url, body }: KeyedRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body]))
    .digest('hex');
}

/** Nobody can make it up without the API key, which the database does not have. */
function derive({ key, callerSecret }: KeyedRequest, purpose: 'id' | 'cipher'): Buffer {
  return createHmac('sha256', callerSecret)
    .update(JSON.stringify(['idempotency', purpose, key]))
    .digest();
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

function encrypted(answer: ReadyAnswer, request: KeyedRequest): Buffer {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, derive(request, 'cipher'), nonce, { authTagLength: tagBytes });
  const text = Buffer.concat([sealing.update(JSON.stringify(answer)), sealing.final()]);
  return Buffer.concat([nonce, sealing.getAuthTag(), text]);
}

function decrypted(bytes: Buffer, request: KeyedRequest): ReadyAnswer {
  const opening = createDecipheriv(cipher, derive(request, 'cipher'), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]);
  return JSON.parse(text.toString()) as ReadyAnswer; // It is authentic.
}
