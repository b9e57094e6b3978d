import type { CheckOptions } from '../../../../language/check.ts';
import { shapeOfJsonSchema } from '../../../../language/check/shape-of-json-schema.ts';
import {
  formOfJsonSchema,
  membersOfJsonSchema,
  zodOfJsonSchema,
} from '../../../../language/check/zod-of-json-schema.ts';
import type { Definition, StepDefaults } from '../../../../language/definition.ts';
import { refusingFaultyData } from '../../../../language/event-data-fault.ts';
import { defaultCatalogue, type EventTypes } from '../../../../language/event-types.ts';
import type { JsonObject } from '../../../../language/json.ts';
import type { ProjectSettings } from '../../../../language/project-settings.ts';
import type { ActivityTypes } from '../../../../language/check.ts';
import { schemaProblems } from '../../../../language/values/value-schema.ts';
import { madeUpValue } from '../../../../simulator/unmocked-activities.ts';
import type { Bench } from './protocol.ts';

/** What definitions are checked and simulated with. */
export interface Installation {
  check: CheckOptions;
  /** Also the activities behind verbs. */
  activities: ActivityTypes;
  definitions: Readonly<Record<string, Definition>>;
  settings: JsonObject;
  /** What tests see of the settings. Undefined: they are not known. */
  defaults: ProjectSettings | undefined;
  finalErrors: readonly string[];
  harmlessErrors: readonly string[];
  rules: { localActivities: string[]; taskQueueOf: (activity: string) => string | null };
}

/** Makes of an answer of the API what the checker and the simulator take. Secrets are not told, so their use is not checked. */
export function installationOf(bench: Bench): Installation {
  const types = bench.activities.map((entry) => [entry.name, activityOf(entry)] as const);
  const callable = new Set(bench.activities.flatMap(({ name, callable }) => (callable ? [name] : [])));
  const activities = Object.fromEntries(types);
  const definitions = bench.definitions as Record<string, Definition>; // Kait has checked them before it served them.
  const settings = bench.settings as (ProjectSettings & { defaults: JsonObject }) | null; // As declared.
  const eventTypes = eventTypesOf(bench);
  const emit = activities['outbound.emit'];
  return {
    check: {
      activities: Object.fromEntries(types.filter(([name]) => callable.has(name))),
      ...{ definitions, eventTypes, settings: settings ?? undefined },
    },
    activities: {
      ...Object.fromEntries(types.filter(([, { absent }]) => absent === undefined)),
      ...(emit !== undefined && { 'outbound.emit': { ...emit, input: refusingFaultyData(emit.input, eventTypes) } }),
    },
    ...{ definitions, settings: settings?.values ?? {} },
    defaults: settings === null ? undefined : { types: settings.types, values: settings.defaults },
    ...{ finalErrors: bench.finalErrors, harmlessErrors: bench.harmlessErrors },
    rules: {
      localActivities: Object.keys(activities).filter((name) => activities[name]?.where === 'local'),
      taskQueueOf: (name) => bench.activities.find((each) => each.name === name)?.taskQueue ?? null,
    },
  };
}

function activityOf(entry: Bench['activities'][number]): ActivityTypes[string] {
  const { where, limits, money, undoable, verb, absent, taskQueue } = entry;
  const [input, output] = [entry.input as JsonObject, entry.output as JsonObject]; // JSON Schemas are objects here.
  return {
    ...{ input: schemaOf(input), output: outputOf(output), money, undoable },
    ...(where !== null && { where }),
    ...(limits !== null && { limits: limits as StepDefaults }),
    ...(verb !== null && { verb }),
    ...(absent !== null && { absent }),
    ...(taskQueue !== null && { external: { taskQueue, input, output } }),
  };
}

/** Kait's own activities have schemas with more keywords than it checks by elsewhere. Of these only the form counts. */
function schemaOf(schema: JsonObject) {
  return schemaProblems(schema).length === 0 ? zodOfJsonSchema(schema) : formOfJsonSchema(schema);
}

/** Answers that are given to steps may leave members out. */
function outputOf(schema: JsonObject) {
  return schemaProblems(schema).length === 0 ? membersOfJsonSchema(schema) : formOfJsonSchema(schema);
}

function eventTypesOf({ eventTypes, strictEventTypes }: Bench): EventTypes {
  return {
    byName: new Map(
      eventTypes.map(({ name, data: given }) => {
        const data = given as JsonObject;
        const example = madeUpValue(shapeOfJsonSchema(data), name) as JsonObject; // The data of an event is an object.
        const about = { description: undefined, deprecated: undefined };
        return [name, { ...about, data, published: data, example, input: zodOfJsonSchema(data) }];
      }),
    ),
    about: { ...defaultCatalogue, strict: strictEventTypes },
  };
}
