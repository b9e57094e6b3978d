import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import { jsonBytes } from '../language/well-formed.ts';
import { commandBytes, type TaskRoom } from './admission.ts';
import type { ApprovalRequest, Effects, RecordedDecision, StepIdentity } from './effects.ts';
import type { Settled } from './mailbox.ts';
import { contextOf, patiently, type RunIdentity } from './temporal-children.ts';
import { locallyIn } from './temporal-waits.ts';

/** A round of mails is tried for some hours. */
const mailing = {
  startToCloseTimeout: '2m',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '10m', maximumAttempts: 30 },
} as const;

/** A run's `approve` steps as activities: see `activities/approvals.ts`. All but the mails are tried until the database answers. */
export function temporalApprovals(
  input: Pick<RunInput, 'event'>,
  identity: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'openApproval' | 'recordDecision' | 'closeApproval' | 'mailApproval'> {
  const contextFor = (step: StepIdentity) => contextOf(step, input, identity);
  const locally = locallyIn(room);

  /** As ordinary activities, by the id. */
  async function ordinary(step: StepIdentity, activityId: string, bytes: number): Promise<{ act: ApprovalActivities }> {
    await room.take(commandBytes + bytes);
    return { act: proxyActivities<ApprovalActivities>({ activityId, summary: step.summary, ...patiently }) };
  }

  return {
    async openApproval(request) {
      const input = openingOf(request);
      // Not a local one: the time after it would be another in a replay, and so would be the timer of the wait.
      const { act } = await ordinary(request, `${request.key}/kait:open`, jsonBytes(input));
      await act['approvals.open'](input, contextFor(request));
    },
    async recordDecision(step, decision) {
      const input = decisionOf(step, decision);
      // Not a local one: what it keeps would stay, even if the task was lost that began it, and another answer would count instead.
      const { act } = await ordinary(step, `${step.key}/kait:decide-${decision.number}`, jsonBytes(input));
      return act['approvals.decide'](input, contextFor(step));
    },
    async closeApproval(step, outcome) {
      await locally(() => localActivities(step)['approvals.close']({ step: step.key, outcome }, contextFor(step)));
    },
    async mailApproval(step, round) {
      await room.take(commandBytes);
      const activityId = `${step.key}/kait:ask-${round}`;
      const activities = proxyActivities<ApprovalActivities>({ activityId, summary: step.summary, ...mailing });
      await activities['approvals.mail']({ step: step.key, round }, contextFor(step));
    },
  };
}

function openingOf({ key, question, details, rules, requester, mail, untilMs }: ApprovalRequest): JsonObject {
  return { step: key, question, details, rules: { ...rules }, requester, mail, untilMs };
}

function decisionOf(
  { key }: StepIdentity,
  { id, by, approved, reason = null, origin, rules }: RecordedDecision,
): JsonObject {
  return {
    step: key,
    id,
    by,
    approved,
    reason,
    origin: origin === undefined ? null : { ...origin },
    rules: { ...rules },
  };
}

type ApprovalActivities = {
  'approvals.open'(input: JsonObject, context: UncheckedContext): Promise<null>;
  'approvals.decide'(input: JsonObject, context: UncheckedContext): Promise<Settled>;
  'approvals.close'(input: JsonObject, context: UncheckedContext): Promise<null>;
  'approvals.mail'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

function localActivities({ summary }: StepIdentity): ApprovalActivities {
  return proxyLocalActivities<ApprovalActivities>({ summary, ...patiently });
}
