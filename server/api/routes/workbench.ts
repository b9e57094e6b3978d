import { z } from 'zod';
import { addRoute, type Api } from '../define-route.ts';

const jsonSchema = z.unknown().describe('JSON Schema.');

const activity = z
  .object({
    name: z.string(),
    input: jsonSchema,
    output: jsonSchema,
    where: z.enum(['local', 'network']).nullable().describe('`local`: on the database, so that its outcome is known.'),
    limits: z.unknown().describe('For steps that say nothing else. Null: none.'),
    money: z.boolean(),
    undoable: z.boolean(),
    verb: z.literal('http').nullable().describe('The verb of the steps that it stands behind: none can `call` it.'),
    absent: z.string().nullable().describe('Why no step can call it here.'),
    callable: z.boolean().describe('False: it stands behind a verb.'),
    taskQueue: z.string().nullable().describe('The task queue, if a worker of another program runs it.'),
  })
  .meta({ id: 'WorkbenchActivity' });

const workbench = z
  .object({
    activities: z.array(activity),
    definitions: z.record(z.string(), z.unknown()).describe('Those that are served, by name.'),
    eventTypes: z
      .array(z.object({ name: z.string(), data: jsonSchema }))
      .describe('The outbound webhooks that are described.'),
    strictEventTypes: z.boolean().describe('Whether only these may be emitted.'),
    settings: z
      .object({
        types: z.record(z.string(), z.string()),
        values: z.record(z.string(), z.unknown()),
        defaults: z.record(z.string(), z.unknown()).describe('What tests see: the values without the environment.'),
      })
      .nullable()
      .describe('Null: they cannot be read.'),
    finalErrors: z.array(z.string()).describe('Types of failures after which nothing is tried again.'),
    harmlessErrors: z.array(z.string()).describe('Types of failures after which nothing has happened.'),
  })
  .meta({ id: 'Workbench' });

export type Workbench = z.input<typeof workbench>;

export function addWorkbenchRoute(api: Api, deps: { workbench: () => Workbench }): void {
  addRoute(api, {
    method: 'get',
    path: '/workbench',
    scope: 'read',
    summary: 'What definitions are checked against and simulated with',
    answer: workbench,
    handle: () => deps.workbench(),
  });
}
