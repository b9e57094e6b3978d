import { awaitOf } from '../language/awaited-emit.ts';
import type {
  ApproveBy,
  ApproveMail,
  ApproveStep,
  DoStep,
  ForEachStep,
  ParallelStep,
  Step,
  StepOf,
  UndoAction,
  Verb,
  WaitForStep,
} from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { methodOf, urlTextOf, verbOf } from '../language/verbs.ts';
import { printFields, printLogic, printTemplate, type Printing } from './print-logic.ts';

/** What a step does, in words that follow its name: `calls orders.create with amount = event.payment.amount`. */
export function describeStep(step: Step): string {
  const describe = descriptions[verbOf(step)] as (step: Step) => string; // The verb says of which type the step is.
  return describe(step);
}

/** What an action or an `undo` does, in the same form. */
export function describeAction(action: UndoAction): string {
  if ('call' in action) return `calls ${action.call}${fieldsText(' with ', action.with)}`;
  if ('emit' in action) return `emits ${action.emit}${forTenant(action)}${fieldsText(' with ', action.with)}`;
  const { http, headers, query, body, form, expect } = action;
  const parts = [
    fieldsText('headers ', headers),
    fieldsText('query ', query),
    body === undefined ? '' : `body ${printTemplate(body, printing)}`,
    form === undefined ? '' : `form ${printFields(form, printing)}`,
    expect === undefined ? '' : `expecting ${expect.join(', ')}`,
  ].filter((part) => part !== '');
  const request = `${methodOf(action)} ${urlTextOf(http)}`;
  return `sends ${request}${parts.length === 0 ? '' : ` with ${parts.join('; ')}`}`;
}

const descriptions: { [V in Verb]: (step: StepOf[V]) => string } = {
  call: describeAction,
  http: describeAction,
  emit: (step) => {
    const awaited = awaitOf(step);
    if (awaited === undefined) return describeAction(step);
    if (awaited.what === 'ack') {
      const refused = step.onExhausted === undefined ? 'it fails' : 'it does other steps';
      return `${describeAction(step)} and waits up to ${awaited.limit} for the answer of a receiver; if all deliveries end without success, ${refused}; without an answer, it ${reactionText(step.onTimeout)}`;
    }
    const late = `if some are still under way, it ${reactionText(step.onTimeout)}`;
    const failed = step.onExhausted === undefined ? 'it fails' : 'it does other steps';
    return `${describeAction(step)} and waits up to ${awaited.limit} for the deliveries; if one ends without success, ${failed}; ${late}`;
  },
  wait: ({ wait }) =>
    typeof wait === 'string' ? `waits ${wait}` : `waits until ${printTemplate(wait.until, printing)}`,
  waitFor: describeWaitFor,
  approve: ({ approve, by, mail, remind, timeout, onReject, onTimeout }) =>
    `asks ${printTemplate(approve, printing)}${askedText(by)}${mailText(mail, remind)} and waits up to ${timeout} for ` +
    `${(by?.min ?? 1) > 1 ? `${by?.min} approvals` : 'an answer'}; ` +
    `if rejected, it ${reactionText(onReject)}; without an answer, it ${reactionText(onTimeout)}`,
  parallel: (step) => `${parallelText(step)}${deadlineText(step)}`,
  forEach: describeForEach,
  while: (step) => `repeats while ${printLogic(step.while, printing)}, at most ${step.max} times`,
  if: (step) => `decides by ${printLogic(step.if, printing)}`,
  switch: () => 'takes the first case that is true',
  try: () => 'tries these steps',
  do: (step) => `runs these steps${deadlineText(step)}`,
  run: ({ run, with: fields, detach }) =>
    `runs the definition ${run}${fieldsText(' with ', fields)}${detach === true ? ' without waiting for it' : ''}`,
  set: ({ set }) => `sets ${fieldsText('', set)}`,
  stop: ({ stop }) => `ends the run as completed: ${printTemplate(stop, printing)}`,
  fail: ({ fail, type = 'Failed' }) => `fails with ${type}: ${printTemplate(fail, printing)}`,
};

/** Whom an `approve` step asks. */
function askedText({ roles = [], people = [], notRequester }: ApproveBy = {}): string {
  const who = [...roles.map((role) => `role ${role}`), ...people.map((each) => printTemplate(each, printing))];
  const whom = who.length === 0 ? '' : ` of ${who.join(' or ')}`;
  return notRequester === true ? `${whom}, but not of the requester,` : whom;
}

function mailText(mail: ApproveMail | undefined, remind: ApproveStep['remind']): string {
  if (mail === undefined) return '';
  if (remind === undefined) return ' by mail';
  return ` by mail, again ${typeof remind === 'string' ? `every ${remind}` : `after ${remind.join(', ')}`},`;
}

const joinTexts = {
  all: 'runs in parallel until all are done or one fails',
  settle: 'runs in parallel until all have ended, even if some fail',
  first: 'runs in parallel until one succeeds; the others are canceled and undone',
} as const;

function parallelText({ join = 'all' }: ParallelStep): string {
  if (typeof join === 'string') return joinTexts[join];
  return `runs in parallel until ${join.count} have succeeded or too few are left; the others are canceled and undone`;
}

function deadlineText({ deadline, onTimeout, undoOnTimeout }: DoStep | ParallelStep): string {
  if (deadline === undefined) return '';
  const undoes = undoOnTimeout === true ? 'undoes what they have done and ' : '';
  return `, within ${deadline}; after that, it ${undoes}${reactionText(onTimeout)}`;
}

function describeWaitFor({ waitFor, source, match = {}, where, timeout, onTimeout }: WaitForStep): string {
  const matches = Object.entries(match).map(([path, value]) => {
    return `${path.replace(/^event\./, '')} = ${printTemplate(value, printing)}`;
  });
  const conditions = [...matches, ...(where === undefined ? [] : [printLogic(where, printing)])];
  return [
    `waits up to ${timeout} for ${[waitFor].flat().join(' or ')}`,
    source === undefined ? '' : ` from ${[source].flat().join(' or ')}`,
    conditions.length === 0 ? '' : ` with ${conditions.join(' and ')}`,
    `; if none arrives, it ${reactionText(onTimeout)}`,
  ].join('');
}

function describeForEach({ forEach }: ForEachStep): string {
  const { in: list, as = 'item', concurrency = 1, join = 'all', onItemError = 'fail' } = forEach;
  const failure = {
    all: onItemError === 'fail' ? ', until one fails' : '',
    settle: ', even if some fail',
    first: ', until the first succeeds',
  }[join];
  return `for each ${as} of ${printTemplate(list, printing)}, ${concurrency === 1 ? 'one at a time' : `${concurrency} at a time`}${failure}`;
}

/** What a reaction does, after `it`. Steps that handle it are shown below. */
export function reactionText(reaction: 'fail' | 'continue' | Step[] = 'fail'): string {
  if (Array.isArray(reaction)) return 'runs the steps below';
  return reaction === 'continue' ? 'continues' : 'fails';
}

function fieldsText(prefix: string, fields: JsonObject | undefined): string {
  const texts = Object.entries(fields ?? {}).map(([name, value]) => {
    return `${name} = ${printTemplate(value, printing)}`;
  });
  return texts.length === 0 ? '' : `${prefix}${texts.join(', ')}`;
}

const printing: Printing = { substitute: secretText, longest: 120 };

function secretText(part: Json): string | undefined {
  const name = secretNameIn(part);
  return name === undefined ? undefined : `the secret ${name}`;
}

/** The name in `{"secret": "NAME"}`. */
export function secretNameIn(value: Json): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { secret, ...others } = value;
  return typeof secret === 'string' && Object.keys(others).length === 0 ? secret : undefined;
}

function forTenant({ tenant }: { tenant?: string }): string {
  return tenant === undefined ? '' : ` for the tenant ${tenant}`;
}
