import { printable } from '../language/printable.ts';
import type { Range } from './cost.ts';
import type { HistoryEstimate } from './estimate-history.ts';
import type { ExplainedActivity, ExplainedStep, Explanation, KnownSetting } from './explain-definition.ts';
import type { LongestRun } from './longest-run.ts';
import type { CompensationPlan, FailurePlan } from './plan-compensation.ts';
import { printDuration } from './run-rules.ts';

/** Wraps headings for a terminal. */
export type PaintHeading = (text: string) => string;

/** An explanation for readers. Plain text without `paint`. */
export function formatExplanation(explanation: Explanation, paint: PaintHeading = (text) => text): string {
  const {
    name,
    title,
    hash,
    startsOn,
    next,
    turns,
    limits,
    steps,
    deadline,
    onTimeout,
    afterUndo,
    compensation,
    history,
    longest,
  } = explanation;
  const section = (heading: string, lines: string[]) => [
    '',
    paint(heading),
    ...lines.map((line) => `  ${printable(line)}`),
  ];
  return [
    paint(printable(title === null ? name : `${name}: ${title}`)),
    `Starts on ${printable(startsOn)}. Runs are pinned to ${hash.slice(0, 12)}.`,
    ...(next.length === 0 ? [] : section('Next times', next)),
    ...(turns.length === 0 ? [] : section('Turns', turns)),
    ...section('Steps', [`Each call, http and emit step: ${limits}, unless noted.`, ...steps.flatMap(stepLines)]),
    ...(deadline === null ? [] : section('Deadline', [deadline, ...onTimeout.flatMap(stepLines)])),
    ...section('If a step fails and nothing handles it', failureLines(compensation, afterUndo)),
    ...section('History in Temporal, if nothing fails', historyLines(history)),
    ...section('Longest run', longestLines(longest, compensation)),
    ...section('Names', nameLines(explanation)),
    ...(explanation.settings.length === 0 ? [] : section('Settings', explanation.settings.map(settingLine))),
  ].join('\n');
}

function stepLines({ id, title, when, does, limits, undo, undoWhen, branches }: ExplainedStep): string[] {
  return [
    title === null ? id : `${id}: ${title}`,
    ...(when === null ? [] : [`    only if ${when}`]),
    `    ${does}`,
    ...(limits === null ? [] : [`    ${limits}`]),
    ...(undo === null ? [] : [`    ${undoWhen === 'maybe' ? 'undo, in doubt too' : 'undo, if it was done'}: ${undo}`]),
    ...branches.flatMap(({ label, steps }) => [
      `    ${label}:`,
      ...steps.flatMap(stepLines).map((line) => `      ${line}`),
    ]),
  ];
}

const policies = {
  undo: 'Steps are undone in reverse order, then the run fails. A step is in doubt if it failed but may have had its effect.',
  park: 'The run stays open at the step until an operator retries it, skips it or sets its result.',
  fail: 'The run fails at once. Nothing is undone.',
} as const;

function failureLines({ policy, undoesOnCancel, failures }: CompensationPlan, afterUndo: ExplainedStep[]): string[] {
  const cancel = undoesOnCancel ? 'A canceled run is undone too.' : 'A canceled run is not undone.';
  if (failures.length === 0) return ['Every failure is handled.', cancel];
  const plans = policy === 'undo' ? groupedPlans(failures) : [];
  const staying = [...new Set(failures.flatMap(({ stays }) => stays))];
  const stays = policy === 'undo' && staying.length > 0 ? [`Not undone: ${staying.join(', ')}.`] : [];
  const then =
    afterUndo.length === 0
      ? []
      : ['After that, unless it was canceled:', ...afterUndo.flatMap(stepLines).map((line) => `  ${line}`)];
  return [policies[policy], ...plans, ...stays, cancel, ...then];
}

/** Adjacent steps with the same plan share a line. */
function groupedPlans(failures: FailurePlan[]): string[] {
  const groups: { steps: string[]; undone: string }[] = [];
  for (const { step: id, inDoubt, undone } of failures) {
    const step = id ?? 'The deadline';
    const all = [...(inDoubt ? [`${step} if it is in doubt`] : []), ...undone];
    const text = all.length === 0 ? 'nothing is undone' : `undoes ${all.join(', then ')}`;
    const last = groups.at(-1);
    if (last?.undone === text) last.steps.push(step);
    else groups.push({ steps: [step], undone: text });
  }
  return groups.map(({ steps, undone }) => `${steps.join(' or ')} fails: ${undone}`);
}

function historyLines({ events, perItem, continues }: HistoryEstimate): string[] {
  const items = perItem.map((item) => `${rangeText(item.events)} more for each item of ${item.loop}`);
  return [`${rangeText(events)} events${items.length === 0 ? '' : ','}`, ...items, continuesText(continues)];
}

function continuesText(continues: HistoryEstimate['continues']): string {
  if (continues === null) return 'It never gets long enough to continue as a new run.';
  const { loop, afterItems } = continues;
  if (loop === null || afterItems === null) return 'On its longest paths it continues as a new run, between two steps.';
  const { min, max } = afterItems;
  const count = max === null ? `${min} or more` : rangeText({ min, max });
  return `It continues as a new run between two items of ${loop}, after ${count} of them.`;
}

function longestLines({ waitingMs, tryingMs, perItem, runs }: LongestRun, { policy }: CompensationPlan): string[] {
  const items = perItem.map(({ loop, longest }) => `plus ${spanText(longest)} for each item of ${loop}`);
  return [
    spanText({ waitingMs, tryingMs }),
    ...items,
    ...runs.map((name) => `plus as long as a run of ${name} takes`),
    ...(policy === 'park' ? ['plus as long as an operator leaves it parked'] : []),
  ];
}

function spanText({ waitingMs, tryingMs }: Pick<LongestRun, 'waitingMs' | 'tryingMs'>): string {
  const parts = [
    ...(waitingMs > 0 ? [`${printDuration(waitingMs)} of waiting`] : []),
    ...(tryingMs > 0 ? [`${printDuration(tryingMs)} of failing attempts`] : []),
  ];
  return parts.length === 0 ? 'a moment' : parts.join(' and ');
}

function settingLine({ name, value, variable, from }: KnownSetting): string {
  if (from === 'nowhere') return `${name} is not set: ${variable} must give it a value`;
  const shown = value === null ? 'hidden, because its name sounds like a secret' : JSON.stringify(value);
  return `${name} = ${shown}, ${from === 'default' ? `the default; ${variable} changes it` : `from ${variable}`}`;
}

function activityText({ name, kind, taskQueue }: ExplainedActivity): string {
  return `${name} (${taskQueue === null ? kind : `task queue ${taskQueue}`})`;
}

function nameLines({ names, activities }: Explanation): string[] {
  const lines = [
    ['activities', activities.map(activityText)],
    ['secrets', names.secrets],
    ['runs', names.definitions],
    ['emits', names.emits],
    ['waits for', names.waitsFor],
  ] as const;
  return lines.flatMap(([what, list]) => (list.length === 0 ? [] : [`${what.padEnd(10)}  ${list.join(', ')}`]));
}

function rangeText({ min, max }: Range): string {
  return min === max ? String(min) : `${min} to ${max}`;
}
