import { closest } from '../closest.ts';
import { cronProblem, isTimezone } from '../cron.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { durationPattern, parseDuration, unitsMs } from '../time.ts';
import { ownSource } from '../triggers.ts';
import type { CheckContext } from './context.ts';
import { eventShape } from './environment.ts';
import { checkEventTypes } from './event.ts';
import { checkForm } from './form.ts';
import type { JsonShape } from './json-shape.ts';
import { checkCondition } from './logic.ts';
import type { Path, Report } from './report.ts';
import { triggerSchemas } from './schemas.ts';
import { shapeOfJsonSchema } from './shape-of-json-schema.ts';
import { checkValueSchema } from './value-schema.ts';

type TriggerKind = keyof typeof triggerSchemas;

/** By the key that only such a trigger has. Without any of them, an event was meant. */
function kindOf(trigger: JsonObject): TriggerKind {
  if (trigger.event !== undefined) return 'event';
  return trigger.schedule !== undefined ? 'schedule' : trigger.manual !== undefined ? 'manual' : 'event';
}

/** Checks the form of a trigger. */
export function checkTriggerForm(trigger: JsonObject, report: Report): void {
  checkForm(triggerSchemas[kindOf(trigger)], trigger, ['on'], '"on"', report);
}

/** Checks what a trigger says. `context` sees only the event and settings. */
export function checkTrigger(trigger: Json | undefined, context: CheckContext): void {
  if (!isObject(trigger)) return; // Reported by the check of the form.
  const { report } = context;
  const kind = kindOf(trigger);
  if (kind !== 'manual' && trigger.if !== undefined) checkCondition(trigger.if, ['on', 'if'], context);
  if (kind === 'event') {
    checkEventTypes(trigger.event, ['on', 'event'], report);
    checkForeign(trigger, report);
  }
  if (kind === 'schedule') checkSchedule(trigger, report);
  if (kind === 'manual') checkInput(trigger.manual, report);
}

/** The events that Kait makes have definitions of their own. */
function checkForeign(trigger: JsonObject, report: Report): void {
  for (const { text, path } of textsAt(trigger.event, ['on', 'event'])) {
    if (text.startsWith(`${ownSource}:`)) reportOwn(text, path, report);
  }
  for (const { text, path } of textsAt(trigger.source, ['on', 'source'])) {
    if (text === ownSource) reportOwn(text, path, report);
  }
}

function reportOwn(text: string, path: Path, report: Report): void {
  const message = `"${text}" is for events that Kait itself makes. They start only the definition that they are for.`;
  report.add('KAIT1144', { path }, message, 'Write "on": {"schedule": …} or "on": {"manual": …} instead.');
}

/** Runs wait in vain if they wait for another event of Kait's own: each is for one run. */
export function checkAwaitedSource(
  source: Json | undefined,
  { event }: CheckContext['environment'],
  place: Path,
  report: Report,
): void {
  const isOwn = event.properties?.source?.const === ownSource;
  const names = textsAt(source, place);
  for (const { text, path } of names) if (text === ownSource) reportAwaited(path, report);
  if (isOwn && source === undefined) reportAwaited(place, report);
}

function reportAwaited(path: Path, report: Report): void {
  const message = `This waits for an event of the source "${ownSource}", and no such event goes to a run that waits.`;
  report.add('KAIT1143', { path }, message, 'Name the sources that send it: "source": ["stripe", "xendit"].');
}

const catchUpMs = { least: unitsMs.m, most: 7 * unitsMs.d };

function checkSchedule({ schedule, timezone, catchUp }: JsonObject, report: Report): void {
  for (const { text, path } of textsAt(schedule, ['on', 'schedule'])) {
    const problem = cronProblem(text);
    if (problem !== undefined) report.add('KAIT1140', { path }, `"${text.slice(0, 60)}" ${problem}.`);
  }
  if (typeof timezone === 'string' && !isTimezone(timezone)) {
    const near = closest(timezone, Intl.supportedValuesOf('timeZone'));
    report.add(
      'KAIT1141',
      { path: ['on', 'timezone'] },
      `"${timezone.slice(0, 60)}" is not a time zone.`,
      near === undefined ? 'Expected a name of the IANA database, such as Asia/Jakarta.' : `Did you mean "${near}"?`,
    );
  }
  if (typeof catchUp !== 'string' || !durationPattern.test(catchUp)) return; // Missing, or reported by the check of the form.
  const ms = parseDuration(catchUp);
  if (ms >= catchUpMs.least && ms <= catchUpMs.most) return;
  report.add('KAIT1103', { path: ['on', 'catchUp'] }, '"catchUp" must be between 1m and 7d.');
}

function checkInput(schema: Json | undefined, report: Report): void {
  if (!isObject(schema)) return; // Reported by the check of the form.
  const path = ['on', 'manual'];
  const title = 'The schema of the input';
  checkValueSchema(schema, { code: 'KAIT1142', path, title }, report);
  if (schema.type !== 'object' || !isObject(schema.properties ?? {})) {
    report.add('KAIT1142', { path, on: 'key' }, `${title} must have "type": "object".`);
  } else if (schema.additionalProperties !== false) {
    const why = 'so that a misspelled name in an input is caught';
    report.add('KAIT1142', { path, on: 'key' }, `${title} must have "additionalProperties": false, ${why}.`);
  }
}

function textsAt(value: Json | undefined, path: Path): { text: string; path: Path }[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((text, position) => (typeof text === 'string' ? [{ text, path: [...path, position] }] : []));
}

const text: JsonShape = { type: 'string' };
const scheduleData: JsonShape = {
  type: 'object',
  properties: { scheduledFor: text, timezone: text, date: text, time: text },
  additionalProperties: false,
};

/** The event that a run sees, as far as its trigger says. An event that Kait makes has no facts about money. */
export function eventShapeOf(trigger: Json | undefined): JsonShape {
  if (!isObject(trigger)) return eventShape;
  const kind = kindOf(trigger);
  if (kind === 'event') return eventShape;
  const data = kind === 'schedule' ? scheduleData : isObject(trigger.manual) ? shapeOfJsonSchema(trigger.manual) : {};
  const nothing: JsonShape = { type: 'null' };
  return {
    ...eventShape,
    properties: {
      ...eventShape.properties,
      source: { const: ownSource },
      ...{ live: nothing, tenant: nothing, payment: nothing, refund: nothing },
      ...{ dispute: nothing, payout: nothing, subscription: nothing, data },
    },
  };
}
