import { ExpressionError } from '../expression-error.ts';
import { isObject, type Json } from '../json.ts';
import { evaluateWebhook, renderWebhook, type WebhookTransform, type WebhookValues } from '../webhook-logic.ts';
import type { CheckContext } from './context.ts';
import { createEnvironment, withLocals } from './environment.ts';
import { checkCondition, checkTemplate } from './logic.ts';
import { createReport, type Report } from './report.ts';

/** What is wrong with an endpoint's filter; undefined if nothing is. `samples` are webhooks that it may be asked about. */
export function filterFault(given: object, samples: readonly WebhookValues[]): string | undefined {
  const filter = given as Json; // It was parsed from JSON.
  return (
    faultIn((report) => checkCondition(filter, [], contextOf(report))) ??
    faultOfHost(filter) ??
    faultWith(samples, (values) => evaluateWebhook(filter, values))
  );
}

/** What is wrong with an endpoint's transformation. */
export function transformFault(transform: WebhookTransform, samples: readonly WebhookValues[]): string | undefined {
  const body = transform.body as Json; // It was parsed from JSON.
  return (
    faultIn((report) => checkTemplate(body, ['body'], contextOf(report))) ??
    faultOfHost(body) ??
    faultWith(samples, (values) => renderWebhook(body, values))
  );
}

/** The first error. */
function faultIn(check: (report: Report) => void): string | undefined {
  const report = createReport('', '', undefined);
  check(report);
  const found = report.findings().find(({ severity }) => severity === 'error');
  if (found === undefined) return undefined;
  const { pointer, message, hint } = found;
  return [`${pointer === '' ? '' : `At ${pointer}: `}${message}`, hint].filter(Boolean).join(' ');
}

/** Paths start at the webhook's parts only, not at a run's. */
function contextOf(report: Report): CheckContext {
  const text = { type: 'string' };
  const parts = { type: text, timestamp: text, tenant: {}, data: {} };
  const environment = { ...withLocals(createEnvironment(new Set(), true), parts), onlyLocals: true };
  return {
    ...{ report, environment, activities: {}, name: undefined, defaults: {}, effects: 0, once: { warned: false } },
    ...{ definitions: undefined, eventTypes: undefined, secrets: undefined, constantAt: () => undefined },
  };
}

/** Attempts are far apart, and each must send the same. */
function faultOfHost(logic: Json): string | undefined {
  if (Array.isArray(logic)) return logic.map(faultOfHost).find((fault) => fault !== undefined);
  if (!isObject(logic) || 'literal' in logic) return undefined;
  const name = ['now', 'uuid'].find((each) => each in logic);
  if (name !== undefined && Object.keys(logic).length === 1) {
    return `"${name}" is not available here: it would differ from attempt to attempt. "timestamp" is when the webhook was emitted.`;
  }
  return Object.values(logic)
    .map(faultOfHost)
    .find((fault) => fault !== undefined);
}

function faultWith(samples: readonly WebhookValues[], evaluate: (values: WebhookValues) => Json): string | undefined {
  for (const values of samples) {
    try {
      evaluate(values);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return `It fails with the example of ${values.type}: ${error.message}`;
    }
  }
  return undefined;
}
