import { createHash } from 'node:crypto';
import type { ActivityOptions } from '@temporalio/client';
import type { FoundById, Unanswered } from '../activities/gateway/gateway-client.ts';
import { errorText } from '../describe-error.ts';
import { taskQueuesOf } from '../storage/installation.ts';
import { shortSummary } from '../storage/short-summary.ts';
import { withDeadline } from '../storage/with-deadline.ts';

export interface MissingKey {
  source: string;
  /** What the gateway or the shop calls the event, payment or order. */
  id: string;
  lookBackMs: number;
}

/** `unasked`: no worker has asked the gateway. `reason` says why. */
export type MissingAnswer = FoundById | Unanswered | { kind: 'unasked'; reason: string };

export type FindMissing = (key: MissingKey) => Promise<MissingAnswer>;

/** A long list takes several requests. */
const askMs = 50_000;
const deadlineMs = askMs + 5_000;

/**
 * Has a worker ask a gateway about an id, and waits for the answer: workers have the API keys. Whoever asks about the same id meanwhile gets
 * the same answer, and what the answer tells is stored once, as if its webhook had arrived.
 */
export function createFindMissing(deps: {
  /** `client.activity`. Throws while Temporal is starting. */
  client: () => { execute(activity: string, options: ActivityOptions): Promise<unknown> };
  /** Its id. */
  installation: string;
}): FindMissing {
  return async (key) => {
    try {
      const asking = deps.client().execute('gateway.find', optionsOf(key, deps.installation));
      return (await withDeadline(asking, deadlineMs, 'Temporal')) as FoundById | Unanswered; // Kait's own activity.
    } catch (error) {
      return { kind: 'unasked', reason: reasonOf(error) };
    }
  };
}

function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  const text = errorText(cause instanceof Error ? cause : error);
  return /timeout/i.test(text) ? 'No worker has answered in time. Is one running?' : text;
}

function optionsOf({ source, id, lookBackMs }: MissingKey, installation: string): ActivityOptions {
  // An id may be long, and hold anything.
  const digest = createHash('sha256').update(`${id}\n${lookBackMs}`).digest('hex').slice(0, 32);
  return {
    id: `${installation}/find/${source}/${digest}`,
    idReusePolicy: 'ALLOW_DUPLICATE',
    idConflictPolicy: 'USE_EXISTING',
    taskQueue: taskQueuesOf(installation).deliveries,
    args: [{ source, id, lookBackMs }],
    scheduleToCloseTimeout: askMs,
    startToCloseTimeout: askMs,
    retry: { maximumAttempts: 2 }, // The second is for a worker that was stopped.
    summary: shortSummary(`Ask about ${id}`),
  };
}
