import { z } from 'zod';
import { readAddress } from '../../../http/networks.ts';
import { cutText } from '../../../language/well-formed.ts';
import type { MigrationRefusal } from '../../migrate/migrate-run.ts';
import type { ApiDeps } from '../api-deps.ts';
import { openCursor, sealCursor } from '../cursors.ts';
import { addRoute, type Api, type Asked } from '../define-route.ts';
import * as fields from '../fields.ts';
import { actorOf } from '../scopes.ts';

const refusals = [
  'unknown',
  'being-retried',
  'ended',
  'same',
  'definition',
  'at-work',
  'not-possible',
  'not-genuine',
  'too-large',
  'no-answer',
  'unavailable',
] as const satisfies MigrationRefusal[];

const migrated = z
  .object({
    refused: z.enum(refusals).nullable().describe('Why it does not take the definition.'),
    detail: z.string().nullable(),
    run: z.string().describe('The latest run that goes on from the one that was asked for.'),
    definitions: z
      .object({ before: z.unknown(), after: z.unknown() })
      .nullable()
      .describe('Both definitions, if the run could be asked.'),
  })
  .meta({ id: 'MigratedRun' });

const how = {
  reason: fields.reason,
  by: fields.by,
  via: z.enum(['api', 'cli']).default('api').describe('api or cli'),
  dryRun: z.boolean().default(false).describe('true or false'),
};
const one = z.strictObject(how);

type Deps = Pick<ApiDeps, 'migrateRun' | 'migrateRuns' | 'installation' | 'log'>;

export function addMigrationRoutes(api: Api, deps: Deps): void {
  const { log } = deps;
  addRoute(api, {
    method: 'post',
    path: '/runs/{run}/migrate',
    scope: 'operate',
    summary: 'Have a run under way take its definition as it is served now',
    description:
      'Only a run that waits, is paused or is parked, and whose finished steps are the same in both definitions. What it waits for, and until when, stays.',
    params: fields.runParams,
    body: one,
    answer: migrated,
    async handle(asked) {
      const commander = commanderOf(asked);
      const { dryRun } = asked.body;
      const answer = await deps.migrateRun({ ...commander, workflowId: asked.params.run, dryRun });
      if (answer.refused === null && !dryRun) log.warn({ run: answer.run, by: commander.by }, 'run migrated');
      return answer;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/migrations',
    scope: 'operate',
    summary: 'Have the runs under way of a definition take it as it is served now',
    description: 'The newest first. Runs that cannot take it are left alone, and the answer says why.',
    body: z.strictObject({
      ...how,
      definition: fields.definitionName,
      since: fields.optional(fields.instantGiven),
      cursor: fields.optional(fields.cursor),
      limit: z.int().min(1).max(200).default(100).describe('a whole number from 1 to 200'),
    }),
    answer: z.object({ items: z.array(migrated), next: fields.nextCursor }),
    async handle(asked) {
      const { definition, since, cursor, limit, dryRun } = asked.body;
      const key = { list: 'migrations', filters: { definition, since } };
      const [after = null] = openCursor(deps.installation, key, cursor) ?? [];
      const commander = commanderOf(asked);
      const request = { ...commander, dryRun, definition, since, limit, after: after === null ? null : String(after) };
      const { items, next } = await deps.migrateRuns(request);
      const count = items.filter(({ refused }) => refused === null).length;
      if (count > 0 && !dryRun) log.warn({ runs: count, definition, by: commander.by }, 'runs migrated');
      return { items, next: next === null ? null : sealCursor(deps.installation, key, [next]) };
    },
  });
}

function commanderOf({
  body,
  caller,
  request,
}: Pick<Asked<unknown, unknown, z.output<typeof one>>, 'body' | 'caller' | 'request'>) {
  const { by, reason, via } = body;
  const address = readAddress(request.raw.socket.remoteAddress ?? '');
  return { by: cutText(actorOf(caller, by), 200), reason, via, address };
}
