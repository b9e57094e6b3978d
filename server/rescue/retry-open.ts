import type { WorkflowClient } from '@temporalio/client';
import { migrateRun, type MigrateDeps } from '../migrate/migrate-run.ts';
import { commandRun } from '../runs/command-run.ts';
import { doing, readOpen } from '../runs/read-open.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { Retried, RetryRequest } from './retry-run.ts';

type Answer = Pick<Retried, 'refused' | 'detail' | 'steps' | 'definitions'>;

const deadlineMs = 10_000;
/** Temporal's `PENDING_ACTIVITY_STATE_SCHEDULED`: no worker has the attempt yet. */
const scheduled = 1;

/**
 * Retries the step at which a run under way is parked, or else the one that Temporal is about to try again, as the command about a step does. With
 * `current`, the run takes the definition as it is served now before that.
 */
export async function retryOpen(deps: MigrateDeps, workflowId: string, request: RetryRequest): Promise<Answer> {
  const open = await readOpen(deps, workflowId);
  if ('refused' in open) return refusal(open.refused, open.detail);
  const steps = open.parked.length > 0 ? open.parked : await betweenAttempts(deps.client, workflowId, open.calling);
  if (steps.length === 0) return refusal('running', `it is ${doing(open)}`);
  if (steps.length > 1 && request.all !== true) return { ...refusal('which-step', steps.join(', ')), steps };
  let definitions: Retried['definitions'] = null;
  if (request.current === true) {
    const migrated = await migrateRun(deps, { ...commanderOf(request), workflowId, dryRun: request.dryRun });
    if (migrated.refused !== null && migrated.refused !== 'same') {
      const { refused, detail } = migrated;
      const isSame = refused === 'not-genuine' || refused === 'too-large' || refused === 'no-answer';
      return { ...refusal(isSame ? refused : 'definition', detail ?? refused), definitions: migrated.definitions };
    }
    ({ definitions } = migrated);
  }
  if (request.dryRun === true) return { refused: null, detail: null, steps, definitions };
  for (const step of steps) {
    const command = { verb: 'retry', step } as const;
    const given = { installation: deps.installation, workflows: () => deps.client };
    const outcome = await commandRun(given, workflowId, command, commanderOf(request));
    if (outcome.kind === 'refused') return { ...refusal('running', outcome.message), definitions };
    if (outcome.kind === 'unavailable') {
      return { ...refusal('no-answer', `Temporal did not say whether step ${step} is tried again`), definitions };
    }
  }
  return { refused: null, detail: null, steps, definitions };
}

function commanderOf({ actor, reason, via = 'api', address = null }: RetryRequest) {
  return { by: actor, reason, via, address };
}

function refusal(refused: Retried['refused'], detail: string): Answer {
  return { refused, detail, steps: [], definitions: null };
}

/** The run itself does not know of attempts: Temporal makes them. */
async function betweenAttempts(client: WorkflowClient, workflowId: string, calling: string[]): Promise<string[]> {
  if (calling.length === 0) return [];
  const { raw } = await withDeadline(client.getHandle(workflowId).describe(), deadlineMs, 'Temporal');
  const waiting = (raw.pendingActivities ?? []).flatMap(({ activityId, state, attempt }) => {
    const isBetween = Number(state) === scheduled;
    return isBetween && (attempt ?? 1) > 1 ? [(activityId ?? '').replace(/~\d+$/, '')] : [];
  });
  return calling.filter((key) => waiting.includes(key));
}
