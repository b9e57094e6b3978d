import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { createMask } from '../../http/mask-secrets.ts';
import type { CallContext } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { parseDuration } from '../../language/time.ts';
import type { Database } from '../../storage/database.ts';
import type { CurrentAttempt } from '../http-request.ts';
import { parseShape } from '../parse-input.ts';
import type { SecretDeps } from '../secrets.ts';
import { type ActivityFetch, createActivityFetch } from './activity-fetch.ts';
import { createActivityLog } from './activity-log.ts';
import { outputOf } from './activity-output.ts';
import { openActivitySecrets, type ActivitySecrets } from './activity-secrets.ts';
import { type AttemptLimit, limitAttempt } from './attempt-limit.ts';
import type { ActivityEvent, OwnActivity } from './define-activity.ts';
import { ownFailure } from './own-failure.ts';
import { runDatabaseActivity } from './run-database-activity.ts';
import { readRunEvent } from './run-event.ts';
import type { Sql } from './sql.ts';

export interface OwnActivityDeps extends SecretDeps {
  database: Database;
  log: Logger;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  userAgent: string;
  /** `number` counts from 1. */
  attempt: () => CurrentAttempt & { number: number };
}

/**
 * Runs one attempt of a project's activity. Its input and output are checked, its secrets are masked in whatever leaves it, and it ends in
 * time whatever its code does. Throws only failures that Temporal knows how to treat.
 */
export async function runOwnActivity(
  deps: OwnActivityDeps,
  activity: OwnActivity,
  given: unknown,
  context: CallContext,
): Promise<Json> {
  const { name, kind, heartbeat } = activity;
  const input = parsedInput(activity, given);
  const attempt = deps.attempt();
  const secrets = await openActivitySecrets(deps, context.definition);
  const event = await readRunEvent(deps.database, context);
  const limit = limitAttempt(name, attempt, heartbeat === undefined ? undefined : parseDuration(heartbeat));
  const call: Call = { activity, given: given as Json, input, context, attempt, secrets, event, limit };
  try {
    return await (kind === 'database' ? inTransaction(deps, call) : overNetwork(deps, call));
  } catch (error) {
    if (isCancellation(error, call)) throw attempt.canceled.reason;
    throw ownFailure(error, { name, kind, mask: secrets.mask(), pauseMs: attempt.pauseMs });
  } finally {
    limit.end();
  }
}

/** A schema may run code of the project's. */
function parsedInput({ name, input, kind }: OwnActivity, given: unknown): unknown {
  try {
    return parseShape(name, input, given);
  } catch (error) {
    throw ownFailure(error, { name, kind, mask: createMask([]), pauseMs: 0 });
  }
}

interface Call {
  activity: OwnActivity;
  /** As the step gave it. */
  given: Json;
  /** As the activity's schema reads it. */
  input: unknown;
  context: CallContext;
  attempt: CurrentAttempt & { number: number };
  secrets: ActivitySecrets;
  event: () => ActivityEvent;
  limit: AttemptLimit;
}

async function inTransaction(deps: OwnActivityDeps, call: Call): Promise<Json> {
  const { activity, context, given, limit, secrets } = call;
  return runDatabaseActivity(deps, {
    ...{ activity: activity.name, idempotencyKey: context.idempotencyKey, input: given },
    ...{ limitMs: Math.max(1, limit.leftMs()), canceled: limit.signal },
    run: async (sql) => outputOf(activity, await callRun(deps, call, { sql }), secrets.mask()),
  });
}

async function overNetwork(deps: OwnActivityDeps, call: Call): Promise<Json> {
  const { activity, context, limit, secrets } = call;
  const fetch = createActivityFetch({
    ...{ activity: activity.name, dispatcher: deps.dispatcher, userAgent: deps.userAgent, secrets },
    ...{ idempotencyKey: context.idempotencyKey, leftMs: () => limit.leftMs(), signal: limit.signal },
  });
  const returned = await limit.race(callRun(deps, call, { fetch }));
  return outputOf(activity, returned, secrets.mask());
}

/** Calls the activity's own code, which may also throw at once. */
async function callRun(
  deps: Pick<OwnActivityDeps, 'log'>,
  { activity, input, context, attempt, secrets, event, limit }: Call,
  tool: { sql: Sql } | { fetch: ActivityFetch },
): Promise<unknown> {
  const { idempotencyKey } = context;
  const offered = {
    ...{ idempotencyKey, attempt: attempt.number, signal: limit.signal, heartbeat: () => limit.heartbeat() },
    log: createActivityLog(deps.log, { from: 'activity', activity: activity.name, key: idempotencyKey }, () =>
      secrets.mask(),
    ),
    secret: (name: string) => secrets.read(name),
    get event() {
      return event();
    },
    get [activity.kind === 'database' ? 'fetch' : 'sql'](): never {
      const other = activity.kind === 'database' ? '`fetch` is for the kind network' : '`sql` is for the kind database';
      throw new TypeError(`${other}, and this activity is of the kind ${activity.kind}`);
    },
  };
  return await activity.run(input, Object.defineProperties(offered, Object.getOwnPropertyDescriptors(tool)) as never);
}

/** Whether an activity has stopped because of the signal of its canceled run. */
function isCancellation(error: unknown, { attempt: { canceled }, limit: { signal } }: Call): boolean {
  if (!canceled.aborted || signal.reason !== canceled.reason) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
