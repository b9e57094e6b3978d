import type { CallContext } from '../language/definition.ts';
import type { ActivityInput, ActivityName, ActivityOutput } from './engine-activities.ts';
import { deliver, type DeliverDeps } from './deliver.ts';
import { type HttpRequestDeps, sendHttpRequest } from './http-request.ts';
import { type MailSendDeps, sendMailOnce } from './mail-send.ts';
import { type EmitDeps, emitOnce } from './outbound-emit.ts';
import { answerToMessage, outcomeOfMessage } from './outbound-outcome.ts';
import { parseContext, parseInput } from './parse-input.ts';
import { forwardOnce } from './webhooks-forward.ts';

/** The activities behind steps that are parts of Kait, by the names that Temporal and definitions use. */
export type Activities = {
  [Name in ActivityName]: (input: ActivityInput<Name>, context: CallContext) => Promise<ActivityOutput<Name>>;
};

export type ActivityDeps = EmitDeps & HttpRequestDeps & MailSendDeps;

/** The activities of the runs' task queue. Each checks its input and throws only failures of `failure-types.ts`, or bugs. */
export function createActivities(deps: ActivityDeps): Activities {
  return {
    'mail.send': checked('mail.send', (input, context) => sendMailOnce(deps, input, context)),
    'http.request': checked('http.request', (input, context) => sendHttpRequest(deps, input, context)),
    'webhooks.forward': checked('webhooks.forward', (input, context) => forwardOnce(deps, input, context)),
    'outbound.emit': checked('outbound.emit', (input, context) => emitOnce(deps, input, context)),
    'outbound.outcome': checked('outbound.outcome', (_input, context) => outcomeOfMessage(deps, context)),
    'outbound.answer': checked('outbound.answer', (input, context) => answerToMessage(deps, input, context)),
  };
}

/** The activities of the deliveries' task queue. */
export function createDeliveryActivities(deps: DeliverDeps) {
  return { 'outbound.deliver': (input: unknown) => deliver(deps, input) };
}

/** Checks the arguments: they come from a run's history, which no type checker has seen. */
function checked<Name extends ActivityName>(name: Name, act: Activities[Name]): Activities[Name];
function checked<Name extends ActivityName>(
  name: Name,
  act: (input: ActivityInput<Name>, context: CallContext) => Promise<ActivityOutput<Name>>,
) {
  return async (input: unknown, context: unknown) => act(parseInput(name, input), parseContext(name, context));
}
