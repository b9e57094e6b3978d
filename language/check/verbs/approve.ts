import { z } from 'zod';
import { membersOf } from '../context.ts';
import type { JsonShape } from '../json-shape.ts';
import type { Path } from '../report.ts';
import { listEndsTheRun } from '../step-lists.ts';
import { withStep, type Environment } from '../environment.ts';
import { fields, guarded, reaction, waitLimit } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { checkReaction, objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';
import { approvalLimits } from '../../approval.ts';
import { isObject, type Json } from '../../json.ts';
import { formatDuration, parseDuration } from '../../time.ts';
import { duration } from '../texts.ts';

const text = { type: 'string' } as const;
const reasonShape = { type: ['string', 'null'] } as JsonShape;
const answerShape = objectShape({
  approved: { type: 'boolean' },
  by: text,
  reason: reasonShape,
  at: text,
  answers: {
    type: 'array',
    items: objectShape({ by: text, approved: { type: 'boolean' }, reason: reasonShape, at: text }),
  },
});

/** The steps of `onReject` see the answer. */
function answered({ step: { id }, environment }: StepCheck): Environment {
  return typeof id === 'string' ? withStep(environment, id, { certainty: 'always', output: answerShape }) : environment;
}

const person = z.string().min(1).max(200);
const role = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/);

const bySchema = z.strictObject({
  min: z.int().min(1).max(approvalLimits.min).optional().meta({
    description: 'How many different people have to approve. Default 1. One no rejects, whatever the others say.',
  }),
  roles: z.array(role).min(1).max(approvalLimits.roles).optional().meta({
    description: 'Whoever has one of these roles in definitions/people.json may answer.',
  }),
  people: z.array(person).min(1).max(approvalLimits.people).optional().meta({
    description: 'The ids of people who may answer, whatever their roles are. They may contain {{path}}.',
  }),
  requester: person.optional().meta({
    description: 'The id or the mail address of who asked for it: {{event.data.requestedBy}}.',
  }),
  notRequester: z.boolean().optional().meta({ description: 'true: the requester must not answer.' }),
});

const mailSchema = z.union([
  z.literal(true),
  z.strictObject({
    to: z.array(person).min(1).max(approvalLimits.people).optional().meta({
      description: 'The ids of people of definitions/people.json. Default: all who may answer.',
    }),
    subject: z.string().min(1).max(200).optional().meta({ description: 'Default: the question.' }),
    text: z.string().min(1).max(10_000).optional().meta({ description: 'Shown above the details and the link.' }),
  }),
]);

export const approveCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    approve: z.string().min(1).max(500).meta({ description: 'The question. It may contain {{path}}.' }),
    details: fields.optional().meta({
      description: 'What those who are asked should know: {"Amount": "{{event.payment.amount}}"}.',
    }),
    by: bySchema.optional().meta({ description: 'Who may answer. Default: anybody.' }),
    reason: z.enum(['optional', 'required']).optional().meta({
      description: 'required: an answer counts only with a reason. Default optional.',
    }),
    mail: mailSchema.optional().meta({
      description:
        'Mails a link to each who may answer, which can be used once until the time limit. true, or an object.',
    }),
    remind: z
      .union([duration, z.array(duration).min(1).max(approvalLimits.reminders)])
      .optional()
      .meta({
        description:
          'Mails those who have not answered again: "24h" every 24 hours, ["1d", "2d"] one and two days after the step began.',
      }),
    timeout: waitLimit,
    onTimeout: reaction
      .optional()
      .meta({ description: 'What to do if nobody answers in time: fail (default), continue, or steps.' }),
    onReject: reaction.optional().meta({ description: 'What to do on a no: fail (default), continue, or steps.' }),
  }),
  check(step) {
    checkTemplate(step.step.approve ?? null, [...step.path, 'approve'], step);
    checkDetails(step);
    checkBy(step);
    checkMail(step);
    checkReminders(step);
    const afterReject = checkReaction(step, 'onReject', step.environment, answered(step));
    return checkReaction(step, 'onTimeout', afterReject);
  },
  outputOf: () => answerShape,
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};

function checkDetails(step: StepCheck): void {
  const members = membersOf(step.step.details, [...step.path, 'details']);
  for (const { value, path } of members) checkTemplate(value, path, step);
  if (members.length <= approvalLimits.details) return;
  const message = `"details" has ${members.length} members. At most ${approvalLimits.details} are allowed.`;
  step.report.add('KAIT1104', { path: [...step.path, 'details'] }, message);
}

function checkBy(step: StepCheck): void {
  const { by } = step.step;
  if (!isObject(by)) return;
  const path = [...step.path, 'by'];
  checkTexts(by.people, [...path, 'people'], step);
  if (by.requester !== undefined) checkTemplate(by.requester, [...path, 'requester'], step);
  if (by.notRequester === true && by.requester === undefined) {
    const hint = 'Add "requester", such as "{{event.data.requestedBy}}".';
    step.report.add('KAIT1133', { path: [...path, 'notRequester'] }, 'Nothing says who the requester is.', hint);
  }
  const { min = 1, people, roles } = by;
  if (roles !== undefined || !Array.isArray(people) || typeof min !== 'number' || min <= people.length) return;
  const message = `${min} people have to approve, but only ${people.length} may answer.`;
  step.report.add('KAIT1133', { path: [...path, 'min'] }, message);
}

function checkMail(step: StepCheck): void {
  const { mail, by, remind } = step.step;
  const path = [...step.path, 'mail'];
  if (mail === undefined) {
    if (remind === undefined) return;
    const message = 'Nobody is reminded, because nobody is sent a mail.';
    return step.report.add('KAIT1133', { path: [...step.path, 'remind'] }, message, 'Add "mail": true.');
  }
  const to = isObject(mail) ? mail.to : undefined;
  if (isObject(mail)) {
    checkTexts(to, [...path, 'to'], step);
    for (const key of ['subject', 'text']) if (mail[key] !== undefined) checkTemplate(mail[key], [...path, key], step);
  }
  const isKnown = to !== undefined || (isObject(by) && (by.roles !== undefined || by.people !== undefined));
  if (isKnown) return;
  const hint = 'Add "by" with "roles" or "people", or "to" in "mail".';
  step.report.add('KAIT1133', { path }, 'Nothing says who gets the mail.', hint);
}

function checkTexts(list: Json | undefined, path: Path, step: StepCheck): void {
  if (!Array.isArray(list)) return;
  for (const [position, each] of list.entries()) checkTemplate(each, [...path, position], step);
}

/** A reminder that cannot come is a mistake. */
function checkReminders({ step, path, report }: StepCheck): void {
  const { remind, timeout } = step;
  const limitMs = durationMs(timeout);
  if (limitMs === undefined || remind === undefined) return;
  const places: [Json, Path][] = Array.isArray(remind)
    ? remind.map((each, position) => [each, [...path, 'remind', position]])
    : [[remind, [...path, 'remind']]];
  for (const [each, place] of places) {
    const ms = durationMs(each);
    if (ms === undefined || (ms > 0 && ms < limitMs)) continue;
    const message = `No reminder comes after ${formatDuration(ms)}, since the step waits ${formatDuration(limitMs)}.`;
    report.add('KAIT1133', { path: place }, message);
  }
}

function durationMs(value: Json | undefined): number | undefined {
  return typeof value === 'string' && duration.safeParse(value).success ? parseDuration(value) : undefined;
}
