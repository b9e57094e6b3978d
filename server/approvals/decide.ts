import { randomUUID } from 'node:crypto';
import { type WorkflowClient, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Logger } from 'pino';
import { errorText } from '../../describe-error.ts';
import { outcomeOf, personKey, type Refusal, refusalByRole, refusalOf, refusalTexts } from '../../language/approval.ts';
import type { People } from '../../language/check/people-file.ts';
import { closeApproval } from '../../storage/approvals/approval-records.ts';
import { decisionSeal } from '../../storage/approvals/decision-seal.ts';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { isGone } from '../runs/is-gone.ts';
import type { ShownApproval } from '../../storage/approvals/approval-list.ts';

export interface DecideDeps {
  database: Database;
  installation: Installation;
  people: () => Promise<People>;
  workflows: () => Pick<WorkflowClient, 'getHandle'>;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** A person's answer, and how it reached Kait. */
export interface GivenDecision {
  by: string;
  approved: boolean;
  reason: string | null;
  via: 'api' | 'cli' | 'mail';
  /** Of the client. Null: not known. */
  address: string | null;
  /** SHA-256 (hex) of the link's token. */
  link: string | null;
}

export type DecisionOutcome =
  /** `decided` is null while others have to answer. */
  | { kind: 'counts'; decided: boolean | null; approvals: number; needed: number }
  | { kind: 'refused'; refusal: Refusal; message: string }
  /** Nobody knows whether it counts. */
  | { kind: 'unavailable'; reason: string };

/** `decide` with its dependencies. */
export type Decide = (asked: ShownApproval, given: GivenDecision) => Promise<DecisionOutcome>;

/** Kait enforces it itself: NativeConnection keeps retrying past any deadline. */
const deadlineMs = 10_000;

/**
 * Hands a person's answer to the run, which decides whether it counts. What cannot count is refused before it reaches Temporal, so that
 * nobody makes a run's history longer.
 */
export async function decide(deps: DecideDeps, asked: ShownApproval, given: GivenDecision): Promise<DecisionOutcome> {
  const outcome = (await refusedAtOnce(deps, asked, given)) ?? (await send(deps, asked, given));
  const { by, via, approved, address } = given;
  const what = { workflowId: asked.workflowId, step: asked.step, by, via, approved, address };
  if (outcome.kind === 'counts') deps.log.info({ ...what, decided: outcome.decided }, 'an approval was answered');
  else
    deps.log.warn(
      { ...what, why: outcome.kind === 'refused' ? outcome.refusal : outcome.reason },
      'an answer to an approval did not count',
    );
  return outcome;
}

async function refusedAtOnce({ people }: DecideDeps, asked: ShownApproval, given: GivenDecision) {
  if (asked.state !== 'open') return refused('not-waiting');
  const before = asked.answers.map(({ by }) => by);
  const refusal =
    refusalOf(asked.rules, given, before) ??
    refusalByRole(asked.rules, given.by, (await people()).get(personKey(given.by)));
  return refusal === null ? undefined : refused(refusal);
}

function refused(refusal: Refusal): DecisionOutcome {
  return { kind: 'refused', refusal, message: refusalTexts[refusal] };
}

async function send(deps: DecideDeps, asked: ShownApproval, given: GivenDecision): Promise<DecisionOutcome> {
  const { workflowId, step } = asked;
  const id = randomUUID();
  const { by, approved, reason, via, address, link } = given;
  const seal = decisionSeal(deps.installation, { workflowId, step, id, ...given });
  const decision = { step, by, approved, reason, origin: { via, address, link, seal } };
  try {
    const handle = deps.workflows().getHandle(workflowId);
    await withDeadline(handle.executeUpdate('decide', { args: [decision], updateId: id }), deadlineMs, 'Temporal');
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal !== undefined) return refused(refusal);
    if (!isGone(error)) return { kind: 'unavailable', reason: errorText(error) };
    await closeApproval(deps.database, asked, 'ended');
    return refused('not-waiting');
  }
  const answers = [...asked.answers, { approved }];
  const needed = asked.rules.min;
  return {
    kind: 'counts',
    decided: outcomeOf(asked.rules, answers),
    approvals: answers.filter((each) => each.approved).length,
    needed,
  };
}

/** What the run says. An update that fails otherwise is a run that has just ended, or one of another making. */
function refusalIn(error: unknown): Refusal | undefined {
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const [detail] = (error.cause as { details?: unknown[] } | undefined)?.details ?? [];
  const refusal = (detail as { refusal?: unknown } | undefined)?.refusal;
  return typeof refusal === 'string' && Object.hasOwn(refusalTexts, refusal) ? (refusal as Refusal) : undefined;
}
