import pc from 'picocolors';
import type { StepStatus } from '../../language/definition.ts';
import { printable } from '../../language/printable.ts';
import type { ShownDecision, ShownValue, StepDetails } from '../../language/run-details.ts';
import { shownMoney } from '../../language/shown-money.ts';
import { quoted } from '../quoted-argument.ts';
import { shownDuration, shownTime, type TimeOptions } from '../shown-time.ts';
import { type FullRun, nextCommands } from './next-commands.ts';
import { wrapped } from './wrapped.ts';

export interface RunFormat extends TimeOptions {
  /** Of the terminal, in characters. */
  width: number;
  nowMs: number;
}

/** A run as an operator reads it at night. Values come from strangers, so nothing in them reaches the terminal as a command. */
export function formatRun(run: FullRun, format: RunFormat): string {
  const { details } = run;
  const paragraphs = [
    [`${pc.bold(printable(run.definition))}  ${standingOf(run)}`, ...facts(run, format)],
    ...(details === null
      ? [wrapped('! ', run.missing ?? 'The run tells nothing about itself.', format.width)]
      : [
          [pc.bold('Steps'), ...details.steps.flatMap((step) => stepLines(step, { run, format, depth: 1 }))],
          ...details.others
            .filter(({ steps }) => steps.some(({ status }) => status !== 'pending'))
            .map(({ label, steps }) => [
              pc.bold(printable(label)),
              ...steps.flatMap((step) => stepLines(step, { run, format, depth: 1 })),
            ]),
        ]),
    ...(details === null && run.calls.length > 0
      ? [[pc.bold('Calls'), ...run.calls.flatMap((call) => callLines(call, '  ', format))]]
      : []),
    section(
      'Notes',
      (details?.notes ?? []).flatMap((note) => wrapped('  ', note, format.width)),
    ),
    section(
      'Deliveries',
      run.deliveries.flatMap((each) => deliveryLines(each, format)),
    ),
    section(
      'Approvals',
      run.approvals.flatMap((each) => approvalLines(each, format)),
    ),
    section(
      'Audit',
      run.audit.flatMap((each) => auditLines(each, format)),
    ),
    section('Links', links(run)),
    section(
      'What you can do:',
      nextCommands(run).flatMap(({ command, what }) => [
        `  ${printable(command)}`,
        ...wrapped('      ', what, format.width).map(pc.dim),
      ]),
    ),
  ];
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [pc.bold(title), ...lines];
}

/** Temporal's word for a run's status as Kait writes it: `TIMED_OUT` is `timed out`, and `CANCELLED` is `canceled`. */
export function wordOf(status: string): string {
  return printable(status)
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^cancelled$/, 'canceled');
}

/** In words: `failed`, `running, parked at pay`. */
export function standingOf({ status, details }: Pick<FullRun, 'status' | 'details'>): string {
  const word = wordOf(status);
  if (word === 'completed') return pc.green(word);
  if (word !== 'running' || details === null) return word === 'running' ? word : pc.red(word);
  const parked = details.commandable.filter(({ state }) => state === 'parked').map(({ key }) => key);
  const waiting = details.commandable.filter(({ state }) => state === 'waiting').map(({ key }) => key);
  const at = (keys: string[]) => printable(keys.slice(0, 3).join(', '));
  const more = [
    ...(parked.length > 0 ? [pc.red(`parked at ${at(parked)}`)] : []),
    ...(details.paused === null ? [] : [pc.yellow('paused')]),
    ...(details.asking.length > 0 ? [pc.yellow(`waits for an answer at ${at(details.asking)}`)] : []),
    ...(details.failure === null ? [] : [pc.yellow('undoes what it did')]),
    ...(waiting.length > 0 ? [`waits at ${at(waiting)}`] : []),
  ];
  return [word, ...more].join(', ');
}

const labelWidth = 12;

function facts(run: FullRun, format: RunFormat): string[] {
  const { details, closedAt, failure, result } = run;
  const at = (instant: string) => shownTime(instant, format);
  const took = (Date.parse(closedAt ?? new Date(format.nowMs).toISOString()) - Date.parse(run.startedAt)) / 1_000;
  const failed = details?.failure ?? failure;
  const step = details?.failure?.step ?? null;
  const later = run.retries.filter(({ of }) => of === run.workflowId);
  const paused = details?.paused ?? null;
  const pairs: [string, string | null][] = [
    ['run', run.workflowId],
    ['order', run.orderId === null ? null : `${run.orderId}  ${shownMoney(run)}`.trimEnd()],
    ['event', `${run.source} ${run.eventId} (${run.eventType})`],
    ['started', at(run.startedAt)],
    [
      closedAt === null ? 'open for' : 'ended',
      closedAt === null ? shownDuration(took) : `${at(closedAt)}, after ${shownDuration(took)}`,
    ],
    ['failure', failed === null ? null : `${failed.type}: ${failed.message}${step === null ? '' : ` (step ${step})`}`],
    ['result', result === null || ('value' in result && result.value === null) ? null : shown(result)],
    [
      'paused',
      paused === null
        ? null
        : `${at(paused.at)} by ${paused.by ?? 'somebody'}${paused.reason === null ? '' : `: ${paused.reason}`}`,
    ],
    ['above it', run.parent],
    ['retries', details?.retryOf ?? run.retries.find((each) => each.run === run.workflowId)?.of ?? null],
    ...later.map(({ run: next, state, detail }): [string, string] => [
      'retried as',
      `${next}${state === 'started' ? '' : ` (${state}${detail === null ? '' : `: ${detail}`})`}`,
    ]),
  ];
  return pairs.flatMap(([label, text]) =>
    text === null ? [] : wrapped(`  ${label.padEnd(labelWidth)}`, text, format.width),
  );
}

const marks: Record<StepStatus, string> = {
  pending: '·',
  running: '▶',
  parked: '‖',
  done: '✔',
  skipped: '–',
  failed: '✘',
  timedOut: '⧖',
  canceled: '□',
};

/** The mark of a step's status, or of a text that is none. */
export function markOf(status: string | null): string {
  return (marks as Record<string, string | undefined>)[status ?? ''] ?? marks.pending;
}

const paints: Partial<Record<StepStatus, (text: string) => string>> = {
  done: pc.green,
  failed: pc.red,
  parked: pc.red,
  running: pc.yellow,
  skipped: pc.dim,
  pending: pc.dim,
};

interface Sight {
  run: FullRun;
  format: RunFormat;
  depth: number;
}

function stepLines(step: StepDetails, sight: Sight): string[] {
  const { run, format, depth } = sight;
  const indent = '  '.repeat(depth);
  const paint = paints[step.status] ?? ((text: string) => text);
  const what = step.what === null ? step.verb : step.verb === 'call' ? step.what : `${step.verb} ${step.what}`;
  const title = step.title === step.id ? '' : `“${step.title}”`;
  const heading = [step.id, what, title, ...marksOf(step), stepTimes(step, format)]
    .filter((part) => part !== '')
    .join('  ');
  const [first = '', ...rest] = wrapped(`${indent}${marks[step.status]} `, heading, format.width);
  const inside = `${indent}    `;
  return [
    paint(first),
    ...rest.map(paint),
    ...decisionLines(run.details?.decisions ?? [], step, inside, format),
    ...(step.error === null ? [] : wrapped(`${inside}error   `, step.error, format.width)),
    ...callsOf(run, step).flatMap((call) => callLines(call, inside, format)),
    ...valueLines('input', step.input, inside, format),
    ...valueLines('output', step.output, inside, format),
    ...(step.child === null ? [] : wrapped(`${inside}run     `, step.child, format.width)),
    ...step.open.map(({ key, steps }) =>
      printable(`${inside}open    ${key}: ${steps.map(({ id, status }) => `${id} ${status}`).join(', ')}`),
    ),
    ...(step.status === 'skipped' ? [] : step.branches.flatMap((branch) => branchLines(branch, sight))),
  ];
}

/** A branch that was not taken is one line. */
function branchLines({ label, steps }: StepDetails['branches'][number], sight: Sight): string[] {
  const indent = '  '.repeat(sight.depth + 1);
  if (steps.every(({ status }) => status === 'skipped')) return [pc.dim(printable(`${indent}– ${label}: skipped`))];
  return [
    pc.dim(printable(`${indent}${label}`)),
    ...steps.flatMap((step) => stepLines(step, { ...sight, depth: sight.depth + 2 })),
  ];
}

function stepTimes({ startedAt, endedAt, until, status }: StepDetails, format: RunFormat): string {
  if (startedAt === null || status === 'skipped') return '';
  const at = shownTime(startedAt, format);
  if (endedAt !== null) {
    const ms = Date.parse(endedAt) - Date.parse(startedAt);
    return `${at}, ${ms < 1_000 ? `${Math.max(0, ms)} ms` : shownDuration(ms / 1_000)}`;
  }
  return until === null ? at : `${at}, until ${shownTime(until, format)} at most`;
}

function marksOf({ status, items, inDoubt, undone }: StepDetails): string[] {
  return [
    ...(status === 'parked' ? ['PARKED'] : []),
    ...(items === null
      ? []
      : [
          `${items.done}${items.count === null ? '' : ` of ${items.count}`} passes${items.failed > 0 ? `, ${items.failed} failed` : ''}`,
        ]),
    ...(undone === 'done'
      ? ['undone']
      : undone === 'failed'
        ? ['NOT UNDONE: undoing it failed']
        : undone === 'left'
          ? ['left as it is']
          : []),
    ...(inDoubt ? ['may have had its effect'] : []),
  ];
}

function callsOf({ calls }: FullRun, { id }: StepDetails): FullRun['calls'] {
  return calls.filter(({ key }) => key.split(/[/~]/, 1)[0] === id).slice(0, 5);
}

function callLines(call: FullRun['calls'][number], indent: string, format: RunFormat): string[] {
  const { attempt, mostAttempts, nextAttemptAt, startedAt, lastFailure, key } = call;
  const isLoop = /[/~]/.test(key);
  const number = `${isLoop ? `${key}: ` : ''}${attempt}${mostAttempts === null ? '' : ` of ${mostAttempts}`}`;
  const when =
    nextAttemptAt !== null
      ? `, next at ${shownTime(nextAttemptAt, format)}`
      : startedAt === null
        ? ', waits for a worker'
        : `, under way since ${shownTime(startedAt, format)}`;
  return [
    ...wrapped(`${indent}attempt `, number + when, format.width),
    ...(lastFailure === null ? [] : wrapped(`${indent}failed  `, lastFailure, format.width)),
  ];
}

const mostDecisions = 3;

function decisionLines(
  decisions: readonly ShownDecision[],
  { id }: StepDetails,
  indent: string,
  format: RunFormat,
): string[] {
  const own = decisions.filter(({ step }) => step === id);
  const more =
    own.length > mostDecisions ? [pc.dim(`${indent}… ${own.length - mostDecisions} earlier: kait runs explain`)] : [];
  return [...more, ...own.slice(-mostDecisions).flatMap((each) => decisionLine(each, indent, format))];
}

/** `if no: event.payment.amount (5) > 10`. */
export function decisionLine(
  { position, value, because, key, step }: ShownDecision,
  indent: string,
  { width }: Pick<RunFormat, 'width'>,
): string[] {
  const pass = key === step ? '' : ` ${key}`;
  return wrapped(`${indent}${printable(position + pass)} ${value ? 'yes' : 'no'}: `, because, width);
}

function valueLines(label: string, value: ShownValue | null, indent: string, { width }: RunFormat): string[] {
  return value === null ? [] : wrapped(`${indent}${label.padEnd(8)}`, shown(value), width).map(pc.dim);
}

export function shown(value: ShownValue): string {
  return 'value' in value ? JSON.stringify(value.value) : `${value.beginning}… (${value.bytes} bytes)`;
}

function deliveryLines(each: FullRun['deliveries'][number], format: RunFormat): string[] {
  const answer =
    each.lastStatus === null
      ? each.lastError
      : `${each.lastStatus}${each.lastError === null ? '' : ` ${each.lastError}`}`;
  const parts = [
    each.state,
    `${each.attempts} ${each.attempts === 1 ? 'attempt' : 'attempts'}`,
    each.type,
    each.url,
    answer ?? '',
    `step ${each.step}`,
  ];
  return wrapped(`  ${printable(each.id)}  `, parts.filter((part) => part !== '').join('  '), format.width);
}

function approvalLines({ step, question, state, until }: FullRun['approvals'][number], format: RunFormat): string[] {
  const limit = state === 'open' ? `, until ${shownTime(until, format)}` : '';
  return wrapped('  ', `${step}: ${state}${limit}  ${question}`, format.width);
}

function auditLines({ at, actor, action, step, reason, via }: FullRun['audit'][number], format: RunFormat): string[] {
  const what = `${action}${step === null ? '' : ` ${step}`}`;
  return wrapped(
    '  ',
    `${shownTime(at, format)}  ${what} by ${actor}${via === null ? '' : ` (${via})`}: ${reason}`,
    format.width,
  );
}

function links({ webUi, workflowId, temporal, source, eventId }: FullRun): string[] {
  if (temporal === 'gone') return [];
  const page = webUi === null ? [] : [`  ${printable(webUi)}`];
  return [
    ...page,
    printable(`  kait temporal workflow show --workflow-id ${quoted(workflowId)}`),
    printable(`  kait events show ${quoted(source)} ${quoted(eventId)}`),
  ];
}
