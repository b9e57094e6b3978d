import { z } from 'zod';
import { closest } from '../closest.ts';
import type { EventType } from '../event-types.ts';
import { isObject, type JsonObject, type Json } from '../json.ts';
import { emittable } from '../own-event-types.ts';
import { isSecretText } from '../secret-text.ts';
import { originProblem, type UrlTemplate } from '../url-template.ts';
import { tenantForm, tenantPattern } from '../tenant.ts';
import { urlTextOf } from '../verbs.ts';
import { type ActionCheck, type ActivityType, type CheckContext, membersOf } from './context.ts';
import { checkHeaderSet } from './content-type.ts';
import { checkForm } from './form.ts';
import { checkLimits } from './limits.ts';
import { type Path, didYouMean } from './report.ts';
import { holdsCredentials, isHeaderName, isHeaderOfConnection } from '../../header-names.ts';
import { checkActivityInput } from './activity-input.ts';
import { shapeOf, type JsonShape } from './json-shape.ts';
import { awaitFields, callFields, emitFields, httpFields } from './schemas.ts';
import { checkFields, checkTemplate } from './logic.ts';
import { checkSecretUse } from './secrets.ts';
import { originOfTemplate, reportHazard } from './stranger.ts';
import { isLiteral } from './template.ts';

/* The verbs with effects outside of the run, for steps and for their `undo`. */

export const actionSchemas = {
  call: z.strictObject(callFields),
  http: z.strictObject(httpFields),
  emit: z.strictObject(emitFields),
} as const;

export type Action = keyof typeof actionSchemas;

const actions = Object.keys(actionSchemas) as Action[]; // The keys of a constant.

export function checkAction(action: Action, check: ActionCheck): void {
  if (action === 'call') checkCall(check);
  else if (action === 'http') checkHttp(check);
  else checkEmit(check);
}

/** The type that was most likely meant. Words that begin differently, such as `created` and `updated`, are other words. */
function misspelt(type: string, known: string[]): string | undefined {
  const initials = (words: string) =>
    words
      .split('.')
      .map((word) => word.charAt(0))
      .join();
  return closest(
    type,
    known.filter((each) => initials(each) === initials(type)),
  );
}

/** A type that nobody has described is no mistake, unless it looks like a misspelt one or the project is strict. */
function checkEmit(check: ActionCheck): void {
  const { step, path, eventTypes, report } = check;
  checkFields(step.with, [...path, 'with'], check);
  checkTenant(step.tenant, [...path, 'tenant'], check);
  if (eventTypes === undefined || typeof step.emit !== 'string') return;
  const eventType = eventTypes.byName.get(step.emit);
  if (eventType !== undefined) return checkEmitted(step.emit, eventType, check);
  const near = misspelt(step.emit, [...emittable(eventTypes).keys()]);
  const place = { path: [...path, 'emit'] };
  const message = `There is no event type "${step.emit}".`;
  const describeIt = `escribe it in definitions/event-types/${step.emit}.json.`;
  const hint = near === undefined ? `D${describeIt}` : `Did you mean "${near}"? Or d${describeIt}`;
  if (eventTypes.about.strict) report.add('KAIT1904', place, message, hint);
  else if (near !== undefined) report.add('KAIT1902', place, message, hint);
}

/** What a template gives is checked when it runs. */
function checkTenant(tenant: Json | undefined, path: Path, check: ActionCheck): void {
  if (typeof tenant !== 'string') return;
  checkTemplate(tenant, path, check);
  if (!isLiteral(tenant) || tenantPattern.test(tenant)) return;
  check.report.add('KAIT1103', { path }, `"tenant" must be ${tenantForm}.`);
}

function checkEmitted(name: string, { input, deprecated }: EventType, check: ActionCheck): void {
  checkActivityInput({ input, output: input }, check);
  if (deprecated === undefined) return;
  const message = `The event type "${name}" is deprecated: ${deprecated}`;
  check.report.add('KAIT1903', { path: [...check.path, 'emit'] }, message);
}

export function outputOfAction(action: Action, check: ActionCheck): JsonShape | undefined {
  if (action === 'emit') return messageShape;
  const name = action === 'call' ? check.step.call : 'http.request';
  const activity = activityNamed(name, check);
  return activity === undefined ? undefined : shapeOf(activity.output);
}

/** What an `emit` gives that does not wait. */
export const messageShape: JsonShape = {
  type: 'object',
  properties: { messageId: { type: 'string' }, deliveries: { type: 'integer' } },
  additionalProperties: false,
};

function checkCall(check: ActionCheck): void {
  const { step, path, activities, report } = check;
  const activity = activityNamed(step.call, check);
  checkFields(step.with, [...path, 'with'], check);
  if (typeof step.call !== 'string') return; // Reported by the check of the form.
  if (activity?.verb !== undefined) return reportVerb(step.call, activity.verb, check);
  if (activity?.absent !== undefined) {
    const message = `There is no activity "${step.call}" in this project.`;
    return report.add('KAIT1401', { path: [...path, 'call'] }, message, activity.absent);
  }
  if (activity !== undefined) return checkActivityInput(activity, check);
  const names = Object.keys(activities).filter((name) => isCallable(activities[name]));
  const hint = didYouMean(step.call, () => names, `Available: ${names.join(', ')}.`);
  report.add('KAIT1401', { path: [...path, 'call'] }, `Unknown activity "${step.call}".`, hint);
}

/** Whether a step may `call` it. */
export function isCallable(activity: ActivityType | undefined): boolean {
  return activity?.verb === undefined && activity?.absent === undefined;
}

/** As a `call`, its URL would not be encoded, and its host could come from an event. */
function reportVerb(name: string, verb: 'http', { path, report }: ActionCheck): void {
  const hint = `Use the verb ${verb}: "http": "https://shop.example.com/orders".`;
  report.add('KAIT1401', { path: [...path, 'call'] }, `"${name}" cannot be called.`, hint);
}

function checkHttp(check: ActionCheck): void {
  const { step, path, report } = check;
  if (typeof step.http === 'string') checkUrl(step.http, [...path, 'http'], check);
  if (isObject(step.http) && typeof step.http.raw === 'string') {
    checkUrl({ raw: step.http.raw }, [...path, 'http', 'raw'], check);
  }
  checkHeaders(step.headers, [...path, 'headers'], check);
  checkHeaderSet(check);
  checkSecretUse(check);
  checkFields(step.query, [...path, 'query'], check);
  checkKeptHeaders(step.keepHeaders, [...path, 'keepHeaders'], check);
  if (step.body !== undefined) checkTemplate(step.body, [...path, 'body'], { ...check, takesSecrets: 'body' });
  checkFields(step.form, [...path, 'form'], { ...check, takesSecrets: 'body' });
  const given = step.body === undefined ? 'form' : 'body';
  if (step[given] === undefined) return;
  const place = { path: [...path, given], on: 'key' } as const;
  if (step.body !== undefined && step.form !== undefined) {
    report.add('KAIT1120', place, 'A request has a "body" or a "form", not both.', 'Remove one of them.');
  }
  if (step.method !== 'GET' && step.method !== 'HEAD') return;
  report.add('KAIT1120', place, `A ${step.method} request cannot have a body.`, 'Remove "method", or use POST.');
}

/** History would keep a cookie, which is somebody's session. */
function checkKeptHeaders(names: Json | undefined, path: Path, { report }: CheckContext): void {
  for (const [position, name] of (Array.isArray(names) ? names : []).entries()) {
    if (typeof name !== 'string') continue; // Reported by the check of the form.
    const place = { path: [...path, position] };
    if (!isHeaderName(name)) report.add('KAIT1120', place, `"${name}" is not a valid header name.`);
    if (holdsCredentials(name)) report.add('KAIT1307', place, `History would keep the credentials in "${name}".`);
  }
}

function checkUrl(template: UrlTemplate, path: Path, check: ActionCheck): void {
  const url = urlTextOf(template);
  checkWordsInRequest(url, path, 'URL', check);
  checkTemplate(url, path, check);
  if (/^https?:\/\/[^/?#]*@/i.test(url)) {
    const hint = 'Use the header "authorization" with {"secret": "KAIT_SECRET_…"}.';
    check.report.add('KAIT1307', { path }, 'History would keep the password in this URL.', hint);
    return;
  }
  const found = originProblem(template, check.constantAt);
  if (found === undefined) return;
  const code = found.path === undefined ? 'KAIT1120' : 'KAIT1124';
  const hint =
    found.path === undefined
      ? undefined
      : 'End the host with "/". Or use a setting of type "url": "{{settings.shopUrl}}/orders".';
  check.report.add(code, { path }, found.problem, hint);
}

/** The receiver may refuse the address that a stranger's words lead to, and a header holds only some characters. */
function checkWordsInRequest(template: Json, path: Path, part: 'URL' | 'header', context: CheckContext): void {
  const found = originOfTemplate(template, context.environment);
  if (found?.origin !== 'customer') return;
  const what = `This ${part} contains "${found.path}", which a stranger typed, and may be refused.`;
  const instead = 'Send it in the body.';
  const failures = ['ExpressionFailed', 'InputInvalid', 'ResponseRefused'];
  reportHazard({ place: { path }, what, instead, failures }, context);
}

/** The activity looks secrets up, so history has only their names. */
function checkHeaders(headers: Json | undefined, path: Path, context: CheckContext): void {
  for (const { key, value, path: at } of membersOf(headers, path)) {
    checkHeaderName(key, at, context);
    if (!isSecretText(value)) checkWordsInRequest(value, at, 'header', context);
    checkTemplate(value, at, { ...context, takesSecrets: 'header' });
  }
}

function checkHeaderName(name: string, path: Path, { report }: CheckContext): void {
  const place = { path, on: 'key' } as const;
  if (!isHeaderName(name)) report.add('KAIT1120', place, `"${name}" is not a valid header name.`);
  if (isHeaderOfConnection(name))
    report.add('KAIT1120', place, `The header "${name}" belongs to the connection and cannot be set.`);
}

function activityNamed(
  name: Json | undefined,
  { activities }: Pick<CheckContext, 'activities'>,
): CheckContext['activities'][string] | undefined {
  return typeof name === 'string' && Object.hasOwn(activities, name) ? activities[name] : undefined;
}

// The keys of a constant.

/** What an `undo` sees of its step beside the output. */
export const undoneStepShape: JsonShape = {
  type: 'object',
  properties: { idempotencyKey: { type: 'string' }, inDoubt: { type: 'boolean' } },
  additionalProperties: false,
};

/** The verbs of the steps that may have an `undo`. */
const canBeUndone = [...actions, 'run'];

/** Checks the `undo` of a step: an action that sees the step's output. */
export function checkUndo(step: JsonObject, stepPath: Path, context: CheckContext): void {
  const { undo } = step;
  if (!canBeUndone.some((verb) => step[verb] !== undefined)) return; // Reported by the check of the form.
  if (undo === undefined) return checkNoUndo(step, stepPath, context);
  checkUndoable(step, stepPath, context);
  const path = [...stepPath, 'undo'];
  if (!isObject(undo)) {
    context.report.add('KAIT1103', { path }, '"undo" must be an object, such as {"call": "orders.cancel"}.');
    return;
  }
  const found = actions.filter((action) => undo[action] !== undefined);
  const [action, second] = found;
  if (action === undefined || second !== undefined) {
    const message =
      action === undefined
        ? 'This "undo" has no verb, so it does nothing.'
        : `An "undo" has one verb, but this one has ${found.join(' and ')}.`;
    context.report.add('KAIT1114', { path }, message, 'Use exactly one of: call, http, emit.');
    return;
  }
  const form = action === 'emit' ? withoutWaiting(undo, path, context) : undo;
  checkForm(actionSchemas[action], form, path, 'this undo', context.report);
  checkLimits(undo, path, context);
  checkAction(action, { ...context, step: undo, path });
}

/** Reports what only a step can wait for. */
function withoutWaiting(undo: JsonObject, path: Path, { report }: CheckContext): JsonObject {
  const waiting = Object.keys(awaitFields).filter((key) => undo[key] !== undefined);
  for (const key of waiting) {
    const place = { path: [...path, key], on: 'key' } as const;
    const hint = 'Remove it. A step in "afterUndo" can emit and wait.';
    report.add('KAIT1136', place, `An "undo" does not wait for its webhook, so it has no "${key}".`, hint);
  }
  return Object.fromEntries(Object.entries(undo).filter(([key]) => !waiting.includes(key)));
}

function checkUndoable({ call }: JsonObject, path: Path, context: CheckContext): void {
  if (typeof call !== 'string' || activityNamed(call, context)?.undoable !== false) return;
  const place = { path: [...path, 'undo'], on: 'key' } as const;
  context.report.add('KAIT1713', place, `The effect of ${call} cannot be taken back.`, 'Remove the "undo".');
}

function checkNoUndo({ undoWhen }: JsonObject, path: Path, { report }: CheckContext): void {
  if (undoWhen === undefined) return;
  const place = { path: [...path, 'undoWhen'], on: 'key' } as const;
  report.add('KAIT1114', place, 'This step has no "undo", so "undoWhen" does nothing.', 'Add an "undo", or remove it.');
}

/** Whether a step is also undone in doubt; see `undoWhenOf`. What is written like no step at all is reported elsewhere. */
export function isUndoneInDoubt(step: JsonObject, { activities }: CheckContext): boolean {
  if (step.undoWhen === 'done' || step.undoWhen === 'maybe') return step.undoWhen === 'maybe';
  if (step.emit !== undefined) return false;
  return typeof step.call !== 'string' || activityNamed(step.call, { activities })?.where !== 'local';
}
