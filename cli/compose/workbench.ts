import { z } from 'zod';
import type { Workbench } from '../../server/api/routes/workbench.ts';
import { installationOf } from '../open-definition.ts';
import type { ServedProject } from './load-served-definitions.ts';

type Known = Pick<ServedProject, 'definitions' | 'eventTypes' | 'settings' | 'settingDefaults'> & {
  activities: Pick<ServedProject['activities'], 'catalogue'>;
};

/** What the definitions of a project are checked against and simulated with. */
export function workbenchOf(known: Known): Workbench {
  const { activities, definitions, eventTypes, settings, settingDefaults } = known;
  const { catalogue } = activities;
  const { finalErrors, harmlessErrors } = installationOf(catalogue);
  const entries = { ...catalogue.callable, ...catalogue.all };
  return {
    activities: Object.entries(entries).map(([name, entry]) => ({
      name,
      input: entry.external?.input ?? jsonSchemaOf(entry.input, 'input'),
      output: entry.external?.output ?? jsonSchemaOf(entry.output, 'output'),
      where: entry.where,
      limits: entry.limits ?? null,
      money: entry.money === true,
      undoable: entry.undoable !== false,
      verb: entry.verb ?? null,
      absent: entry.absent ?? null,
      callable: Object.hasOwn(catalogue.callable, name),
      taskQueue: entry.external?.taskQueue ?? null,
    })),
    definitions: Object.fromEntries(definitions.map(({ definition }) => [definition.name, definition])),
    eventTypes: [...eventTypes.byName].map(([name, { data }]) => ({ name, data })),
    strictEventTypes: eventTypes.about.strict,
    settings: settings === null ? null : { ...settings, defaults: settingDefaults },
    finalErrors: [...finalErrors],
    harmlessErrors: [...harmlessErrors],
  };
}

function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}
