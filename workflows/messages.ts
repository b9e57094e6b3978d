import type { CanonicalEvent } from '../language/event.ts';
import {
  json,
  members,
  oneOf,
  orNull,
  text,
  trueOrFalse,
  wholeNumber,
  type ValueForm,
} from '../language/value-form.ts';
import { runLimits } from '../language/verbs.ts';
import type { StepVerb } from '../language/commands.ts';
import type { CommandSource, MigrateCommand, RunCommand, StepCommand } from './commands.ts';
import type { ApprovalDecision } from './mailbox.ts';

/*
 * The forms of what reaches a run from outside. Whoever can reach Temporal can send anything, so each message is checked before
 * the run acts on it.
 */

const mostOfEvent = runLimits.awaitedEvent;
/** Characters of JSON of a result or an input that an operator gives; as much as a template may give. */
const mostGiven = 262_144;

/** A message in the right form, or why it is not. */
export type Read<Message> = { message: Message } | { fault: string };

/** The argument of the signal `event`. `data` may be left out: `kait events show` prints the envelope without it. */
export function readEvent(args: readonly unknown[]): Read<CanonicalEvent> {
  const fault = faultOf(args, eventForm, 'the event') ?? json({ most: mostOfEvent })(args[0], 'the event');
  if (fault !== undefined) return { fault };
  const event = args[0] as CanonicalEvent; // Its form was just checked.
  return { message: { ...event, data: (event as Partial<CanonicalEvent>).data ?? null } };
}

/** The argument of the update `decide`. */
export function readDecision(args: readonly unknown[]): Read<ApprovalDecision> {
  const fault = faultOf(args, decisionForm, 'the decision');
  if (fault !== undefined) {
    return { fault: `${fault}. Write {"step": "ask", "approved": true, "by": "ana", "reason": "optional"}` };
  }
  return { message: args[0] as ApprovalDecision }; // Its form was just checked.
}

/** The argument of the updates about a step. */
export function readStepCommand(verb: StepVerb, args: readonly unknown[]): Read<StepCommand & CommandSource> {
  const fault = faultOf(args, stepCommandForms[verb], 'the command');
  if (fault !== undefined) return { fault: `${fault}. Write ${commandExamples[verb]}` };
  return { message: { ...(args[0] as object), verb } as StepCommand & CommandSource }; // Its form was just checked.
}

/** The argument of the updates `pause` and `resume`, which may be left out. */
export function readRunCommand(verb: RunCommand['verb'], args: readonly unknown[]): Read<RunCommand & CommandSource> {
  const fault = args.length === 0 ? undefined : faultOf(args, members({}, commandSource), 'the command');
  if (fault !== undefined) return { fault: `${fault}. Write {"by": "ana", "reason": "optional"}, or nothing` };
  return { message: { ...(args[0] as CommandSource | undefined), verb } }; // Its form was just checked.
}

/** The argument of the update `migrate`. */
export function readMigration(args: readonly unknown[]): Read<MigrateCommand & CommandSource> {
  const fault = faultOf(args, migrationForm, 'the command');
  if (fault !== undefined) {
    const hint = 'Only Kait sends a run a definition, which it has checked and sealed: use "kait runs migrate"';
    return { fault: `${fault}. ${hint}` };
  }
  return { message: { ...(args[0] as object), verb: 'migrate' } as MigrateCommand & CommandSource }; // Its form was just checked.
}

function faultOf(args: readonly unknown[], form: ValueForm, name: string): string | undefined {
  if (args.length === 1) return asStart(form(args[0], name));
  return `Expected one argument, ${name}, got ${args.length}`;
}

function asStart(sentence: string | undefined): string | undefined {
  return sentence === undefined ? undefined : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const stepKey = text("a step's id", { most: 256, pattern: /^[^\s\p{C}]+$/u });
const person = text('a name without control characters', { most: 200, pattern: /^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u });
const remark = text('a text without control characters', { most: 2_000, pattern: /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u });

const hexDigest = text('64 hexadecimal digits', { most: 64, pattern: /^[0-9a-f]{64}$/ });
const address = text('an address', { most: 64, pattern: /^[0-9a-fA-F:.]+$/ });
const origin = members({
  via: oneOf(['api', 'cli', 'mail']),
  address: orNull(address),
  link: orNull(hexDigest),
  seal: hexDigest,
});

const decisionForm = members({ step: stepKey, approved: trueOrFalse, by: person }, { reason: orNull(remark), origin });

const commandSource = {
  by: orNull(person),
  reason: orNull(remark),
  origin: members({ via: oneOf(['api', 'cli']), address: orNull(address), seal: hexDigest }),
};
const mostOfDefinitions = 1_000_000;
const { by: givenBy, reason: givenReason, origin: givenOrigin } = commandSource;
const migrationForm = members(
  {
    from: hexDigest,
    to: members(
      {
        definition: objectOf(mostOfDefinitions),
        definitionHash: hexDigest,
        localActivities: json({ most: mostOfDefinitions }),
      },
      {
        activityLimits: objectOf(mostOfDefinitions),
        external: objectOf(mostOfDefinitions),
        children: objectOf(mostOfDefinitions),
        settings: objectOf(mostOfDefinitions),
      },
    ),
    seal: hexDigest,
    origin: givenOrigin,
  },
  { by: givenBy, reason: givenReason },
);
const stepCommandForms: Readonly<Record<StepVerb, ValueForm>> = {
  retry: members({ step: stepKey }, commandSource),
  skip: members({ step: stepKey }, commandSource),
  setResult: members({ step: stepKey, result: json({ most: mostGiven }) }, commandSource),
  editInput: members({ step: stepKey, input: objectOf(mostGiven) }, commandSource),
};
const commandExamples: Readonly<Record<StepVerb, string>> = {
  retry: '{"step": "pay", "by": "ana", "reason": "optional"}',
  skip: '{"step": "pay", "by": "ana", "reason": "optional"}',
  setResult: '{"step": "pay", "result": …, "by": "ana", "reason": "optional"}',
  editInput: '{"step": "pay", "input": {…}, "by": "ana", "reason": "optional"}',
};

function objectOf(most: number): ValueForm {
  const form = json({ most });
  return (value, name) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return form(value, name);
    return `${name} must be an object`;
  };
}

const anyText = text('a text', { most: mostOfEvent });
const textOrNull = orNull(anyText);
const identity = text('a text of 1 to 1,000 characters', { most: 1_000, pattern: /^[^]/ });
const amount = orNull(wholeNumber);
const customer = members({ id: textOrNull, email: textOrNull, name: textOrNull });

const paymentStatuses = ['pending', 'succeeded', 'failed', 'expired', 'canceled', 'refunded', 'disputed'];

/** The members of `eventSchema`, which workflow code cannot import. A test holds the two together. */
const eventForm = members(
  {
    id: identity,
    source: identity,
    gateway: anyText,
    type: identity,
    nativeType: anyText,
    occurredAt: anyText,
    receivedAt: anyText,
    live: orNull(trueOrFalse),
    entity: textOrNull,
    tenant: textOrNull,
    payment: orNull(
      members({
        id: textOrNull,
        orderId: textOrNull,
        amount,
        requestedAmount: amount,
        currency: textOrNull,
        status: orNull(oneOf(paymentStatuses)),
        method: textOrNull,
        customer,
      }),
    ),
    refund: orNull(
      members({
        id: textOrNull,
        amount,
        totalRefunded: amount,
        full: orNull(trueOrFalse),
        currency: textOrNull,
        reason: textOrNull,
      }),
    ),
    dispute: orNull(
      members({
        id: textOrNull,
        amount,
        currency: textOrNull,
        reason: textOrNull,
        status: orNull(oneOf(['open', 'won', 'lost'])),
        evidenceDueAt: textOrNull,
      }),
    ),
    payout: orNull(
      members({
        id: textOrNull,
        reference: textOrNull,
        amount,
        currency: textOrNull,
        status: orNull(oneOf(['pending', 'succeeded', 'failed', 'canceled'])),
        reason: textOrNull,
      }),
    ),
    subscription: orNull(
      members({
        id: textOrNull,
        status: textOrNull,
        plan: textOrNull,
        amount,
        currency: textOrNull,
        periodEndsAt: textOrNull,
        customer,
      }),
    ),
  },
  { data: json({ most: mostOfEvent }) },
);
