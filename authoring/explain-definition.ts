import { everyList, stepsOf } from '../language/plan.ts';
import { localDateAndTime, nextTimes } from '../language/cron.ts';
import type { Definition, ScheduleTrigger, Step, StepDefaults, UndoWhen, Verb } from '../language/definition.ts';
import { isObject, type Json, type JsonObject } from '../language/json.ts';
import { namesRunBy } from '../language/run-children.ts';
import { isManual, isScheduled } from '../language/triggers.ts';
import { branchesOf, guardOf, undoOf, undoWhenOf, verbOf } from '../language/verbs.ts';
import { secretNameIn, describeAction, describeStep, reactionText } from './describe-step.ts';
import { settingsReadBy } from './settings-read-by.ts';
import { estimateHistory, type HistoryEstimate } from './estimate-history.ts';
import { longestRun, type LongestRun } from './longest-run.ts';
import { planCompensation, type CompensationPlan } from './plan-compensation.ts';
import { printLogic } from './print-logic.ts';
import { explainTurns } from './explain-turns.ts';
import { printSchedule, type RunRules } from './run-rules.ts';

/** What a definition does and needs, beyond what its text shows at a glance. JSON. */
export interface Explanation {
  name: string;
  title: string | null;
  /** SHA-256 (hex) of the canonical JSON. */
  hash: string;
  startsOn: string;
  /** The next times of its schedule. Empty if it has none. */
  next: string[];
  /** When its runs may start, as sentences. Empty: at once. */
  turns: string[];
  /** The limits of every call, http and emit step that does not set its own. */
  limits: string;
  steps: ExplainedStep[];
  /** What happens at the deadline of a run; null if there is none. */
  deadline: string | null;
  /** The steps that run then, and those after undoing. */
  onTimeout: ExplainedStep[];
  afterUndo: ExplainedStep[];
  compensation: CompensationPlan;
  history: HistoryEstimate;
  longest: LongestRun;
  names: Names;
  activities: ExplainedActivity[];
  settings: KnownSetting[];
}

/** An activity that the definition calls. */
export interface ExplainedActivity {
  name: string;
  /** `database`: its effect is committed in Kait's database. `external`: a worker of another program runs it. */
  kind: 'database' | 'network' | 'external';
  /** Of an external one; otherwise null. */
  taskQueue: string | null;
}

/** A setting, as this environment has it. */
export interface KnownSetting {
  name: string;
  /** Null: it has none, or its name says that it is a secret. */
  value: Json;
  /** The environment variable that gives it another value. */
  variable: string;
  from: 'environment' | 'default' | 'nowhere';
}

export interface ExplainedStep {
  id: string;
  title: string | null;
  verb: Verb;
  /** The guard; null if the step always runs. */
  when: string | null;
  does: string;
  /** Its own limits; null if it has the definition's, or needs none. */
  limits: string | null;
  undo: string | null;
  /** Whether it is undone in doubt, too; null without an `undo`. */
  undoWhen: UndoWhen | null;
  branches: { label: string; steps: ExplainedStep[] }[];
}

/** What a definition uses and emits. Each name once, in order of appearance. */
interface Names {
  activities: string[];
  secrets: string[];
  /** Definitions that it runs. */
  definitions: string[];
  /** Outbound event types. */
  emits: string[];
  /** Event types that it waits for. */
  waitsFor: string[];
}

interface Explaining {
  definition: Definition;
  hash: string;
  rules: RunRules;
  /** All that are known here. */
  settings: readonly KnownSetting[];
  /** The next times of a schedule come after it. */
  now: Date;
}

/** Explains a definition in which the checker found no errors. */
export function explainDefinition({ definition, hash, rules, settings, now }: Explaining): Explanation {
  const { name, title = null, steps, onTimeout, afterUndo = [], defaults } = definition;
  const limits = printSchedule(rules.limitsMs({}, defaults));
  const explained = (list: Step[]) => list.map((step) => explainStep(step, { defaults, rules, usual: limits }));
  const names = gatherNames(definition);
  const read = settingsReadBy(definition as unknown as Json); // A definition is JSON by construction.
  return {
    name,
    title,
    hash,
    startsOn: triggerText(definition),
    next: nextRuns(definition, now),
    turns: explainTurns(definition),
    limits,
    steps: explained(steps),
    deadline: deadlineText(definition),
    onTimeout: Array.isArray(onTimeout) ? explained(onTimeout) : [],
    afterUndo: explained(afterUndo),
    compensation: planCompensation(definition, rules),
    history: estimateHistory(definition, rules),
    longest: longestRun(definition, rules),
    names,
    activities: names.activities.map((activity) => explainActivity(activity, rules)),
    settings: settings.filter((setting) => read.has(setting.name)),
  };
}

function triggerText({ on }: Definition): string {
  if (on === 'run') return 'a run step of another definition';
  if (isManual(on)) return `"kait runs start", with ${inputText(on.manual)}`;
  if (isScheduled(on)) return `a schedule: ${scheduleText(on)}`;
  const from = on.source === undefined ? '' : ` from ${[on.source].flat().join(' or ')}`;
  const guard = on.if === undefined ? '' : `, if ${printLogic(on.if)}`;
  return `${[on.event].flat().join(' or ')}${from}${guard}`;
}

function scheduleText({ schedule, timezone = 'UTC', catchUp = '1h', if: guard }: ScheduleTrigger): string {
  const only = guard === undefined ? '' : `, if ${printLogic(guard)}`;
  return `${[schedule].flat().join(' and ')} in ${timezone}, at most ${catchUp} late${only}`;
}

/** Names the members of the input; those that may be missing have a question mark. */
function inputText({ properties, required }: JsonObject): string {
  const needed: Json[] = Array.isArray(required) ? required : [];
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (names.length === 0) return 'an empty input';
  return `the input ${names.map((name) => (needed.includes(name) ? name : `${name}?`)).join(', ')}`;
}

/** How many of the next times are told. */
const toldTimes = 5;

function nextRuns({ on }: Definition, now: Date): string[] {
  if (!isScheduled(on)) return [];
  const { schedule, timezone = 'UTC' } = on;
  const times = nextTimes([schedule].flat(), timezone, { afterMs: now.getTime(), count: toldTimes });
  return times.map((ms) => {
    const { date, time } = localDateAndTime(timezone, ms);
    return `${date} ${time} ${timezone}${timezone === 'UTC' ? '' : ` (${new Date(ms).toISOString().slice(0, 16)}Z)`}`;
  });
}

function deadlineText({ deadline, onTimeout }: Definition): string | null {
  return deadline === undefined
    ? null
    : `A run has ${deadline}. After that, what is under way is canceled, and it ${reactionText(onTimeout)}.`;
}

interface Usual {
  defaults: StepDefaults | undefined;
  rules: RunRules;
  /** The definition's limits as text. */
  usual: string;
}

function explainStep(step: Step, around: Usual): ExplainedStep {
  const { id, title = null } = step;
  const guard = guardOf(step);
  const undo = undoOf(step);
  return {
    id,
    title,
    verb: verbOf(step),
    when: guard === undefined ? null : printLogic(guard),
    does: describeStep(step),
    limits: ownLimits(step, around),
    undo: undo === undefined ? null : describeAction(undo),
    undoWhen: undo === undefined ? null : undoWhenOf(step, around.rules.localActivities),
    branches: labelledBranches(step).map(({ label, steps }) => ({
      label,
      steps: steps.map((inner) => explainStep(inner, around)),
    })),
  };
}

function ownLimits(step: Step, { defaults, rules, usual }: Usual): string | null {
  if (!('call' in step) && !('http' in step)) return null;
  const limits = printSchedule(rules.limitsMs(step, defaults));
  return limits === usual ? null : limits;
}

/** Cases are labelled with their condition. */
function labelledBranches(step: Step): { label: string; steps: Step[] }[] {
  const branches = branchesOf(step);
  if (!('switch' in step)) return branches;
  return branches.map(({ label, steps }, position) => {
    const when = step.switch[position]?.when;
    return { label: when === undefined ? label : `if ${printLogic(when)}`, steps };
  });
}

function explainActivity(name: string, { localActivities, taskQueueOf }: RunRules): ExplainedActivity {
  const taskQueue = taskQueueOf(name);
  if (taskQueue !== null) return { name, kind: 'external', taskQueue };
  return { name, kind: localActivities.includes(name) ? 'database' : 'network', taskQueue };
}

function gatherNames(definition: Definition): Names {
  const steps = stepsOf(definition);
  const actions = steps.flatMap((step) => [step, undoOf(step) ?? []].flat());
  return {
    activities: once(actions.flatMap((action) => ('call' in action ? [action.call] : []))),
    secrets: once(secretsIn(everyList({ definition }) as unknown as Json)), // A definition is JSON by construction.
    definitions: once(namesRunBy(definition)),
    emits: once(actions.flatMap((action) => ('emit' in action ? [action.emit] : []))),
    waitsFor: once(steps.flatMap((step: Step) => ('waitFor' in step ? step.waitFor : []))),
  };
}

/** Looks everywhere: the checker has reported secrets where none is allowed. */
function secretsIn(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  const name = secretNameIn(value);
  return name === undefined ? Object.values(value).flatMap(secretsIn) : [name];
}

function once(names: string[]): string[] {
  return [...new Set(names)];
}
