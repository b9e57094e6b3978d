import { z } from 'zod';
import type { JsonObject } from '../../../language/json.ts';
import { isManual, isScheduled } from '../../../language/triggers.ts';
import { stepsOfDefinition } from '../../../language/check/step-lists.ts';
import { countRuns, findVersion, listVersions } from '../../definition-versions.ts';
import { startByHand } from '../../own-events/start-run-by-hand.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';

const listed = z
  .object({
    name: z.string(),
    title: z.string().nullable(),
    hash: z.string().describe('SHA-256 (hex) of its canonical JSON. Runs are pinned to it.'),
    startedBy: z.enum(['event', 'schedule', 'manual', 'run']).describe('What starts its runs.'),
  })
  .meta({ id: 'ListedDefinition' });

const inList = z
  .object({
    ...listed.shape,
    trigger: z.unknown().describe('Its `on`.'),
    steps: z.int(),
    runs: z
      .object({
        present: z.int().describe('Runs of the version that is served.'),
        earlier: z.int().describe('Runs of other versions.'),
        lastAt: fields.instant.nullable(),
      })
      .describe('Counted over its newest thousand.'),
  })
  .meta({ id: 'DefinitionInList' });

const faulty = z
  .object({
    file: z.string().describe('Empty: the folder itself.'),
    problem: z.string().describe('As `kait validate` prints it.'),
    servesLastGood: z.boolean().describe('False: events that may be for it wait.'),
  })
  .meta({ id: 'FaultyDefinition' });

const tests = z
  .object({
    file: z.string().describe('Its name: `paid.test.json`.'),
    text: z.string().nullable().describe('Null: there is no such file, or it has more than 1 MiB.'),
  })
  .meta({ id: 'DefinitionTests' });

const version = z
  .object({
    hash: z.string(),
    isServed: z.boolean(),
    firstSeenAt: fields.instant,
    definition: z.unknown(),
    runs: z.int().describe('Among the newest 20,000 of the definition.'),
    lastRunAt: fields.instant.nullable(),
  })
  .meta({ id: 'DefinitionVersion' });

const oneVersion = z
  .object({
    hash: z.string(),
    definition: z.unknown().describe('As it was served.'),
    activities: z
      .array(
        z.object({
          name: z.string(),
          where: z.enum(['local', 'network']).nullable().describe('`local`: on the database.'),
          taskQueue: z.string().nullable().describe('Of one that a worker of another program runs.'),
        }),
      )
      .describe('Those that it names, as they are now.'),
  })
  .meta({ id: 'OneDefinitionVersion' });

const shown = z
  .object({
    ...listed.shape,
    definition: z.unknown().describe('As it is served: see `workflow.schema.json`.'),
    children: z.record(z.string(), z.unknown()).describe('The definitions that its `run` steps start, by name.'),
  })
  .meta({ id: 'Definition' });

export const started = z
  .object({
    source: z.string(),
    eventId: z.string(),
    run: z.string().describe('The id of the run, which starts within moments.'),
    repeated: z.boolean().describe('Whether an earlier request with the same key has started it.'),
  })
  .meta({ id: 'StartedRun' });

const params = z.strictObject({ definition: fields.definitionName });
const versionParams = params.extend({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('a SHA-256 in 64 hexadecimal digits'),
});

/** Bytes. The input has at most 1 MiB. */
const bodyLimit = 1_100 * 1_024;

export function addDefinitionRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'installation' | 'served' | 'testsBeside' | 'wakeDispatcher' | 'workbench'>,
): void {
  const { served } = deps;
  addRoute(api, {
    method: 'get',
    path: '/definitions',
    scope: 'read',
    summary: 'The definitions that are served, by name',
    answer: z.object({
      items: z.array(inList),
      faulty: z.array(faulty).describe('Files with mistakes.'),
      next: fields.nextCursor,
    }),
    async handle() {
      const counts = await countRuns(
        deps.database,
        served.definitions.map(({ definition: { name }, hash }) => ({ name, hash })),
      );
      const items = served.definitions.map((loaded) => {
        const { present = 0, earlier = 0, lastRunAt = null } = counts.get(loaded.definition.name) ?? {};
        const steps = stepsOfDefinition(loaded.definition as unknown as JsonObject).length; // It is JSON.
        return {
          ...describe(loaded),
          ...{ trigger: loaded.definition.on, steps, runs: { present, earlier, lastAt: lastRunAt } },
        };
      });
      return {
        items: items.sort(byName),
        faulty: served.faulty.map(({ file, problem, lastGood }) => {
          return { file, problem, servesLastGood: lastGood.length > 0 };
        }),
        next: null,
      };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/definitions/{definition}',
    scope: 'read',
    summary: 'A definition as it is served',
    params,
    answer: shown,
    handle({ params: { definition: name } }) {
      const loaded = served.definitions.find(({ definition }) => definition.name === name);
      if (loaded === undefined) throw notFound(`No definition "${name}" is served.`);
      const children = Object.entries(loaded.children).map(([child, { definition }]) => [child, definition] as const);
      return { ...describe(loaded), definition: loaded.definition, children: Object.fromEntries(children) };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/definitions/{definition}/tests',
    scope: 'read',
    summary: 'The tests beside a definition, as they are written',
    description:
      'Those of the folder or of the published set that is served. `kait test` runs them, and so does the console.',
    params,
    answer: tests,
    async handle({ params: { definition: name } }) {
      const loaded = served.definitions.find(({ definition }) => definition.name === name);
      if (loaded === undefined) throw notFound(`No definition "${name}" is served.`);
      return deps.testsBeside(loaded.file);
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/definitions/{definition}/versions',
    scope: 'read',
    summary: 'The versions of a definition that were served, the latest first',
    description: 'At most fifty, with the number of their runs.',
    params,
    answer: z.object({ items: z.array(version) }),
    async handle({ params: { definition: name } }) {
      const present = served.definitions.find(({ definition }) => definition.name === name)?.hash;
      const versions = await listVersions(deps.database, name);
      if (versions.length === 0) throw notFound(`No definition "${name}" was ever served.`);
      return { items: versions.map((each) => ({ ...each, isServed: each.hash === present })) };
    },
  });
  addRoute(api, {
    method: 'get',
    path: '/definitions/{definition}/versions/{hash}',
    scope: 'read',
    summary: 'One version of a definition, whether it is still served or not',
    params: versionParams,
    answer: oneVersion,
    async handle({ params: { definition: name, hash } }) {
      const definition = await findVersion(deps.database, name, hash);
      if (definition === undefined) throw notFound(`"${name}" was never served in this version.`);
      const text = JSON.stringify(definition);
      const activities = deps
        .workbench()
        .activities.filter(({ name }) => text.includes(JSON.stringify(name)))
        .map(({ name, where, taskQueue }) => ({ name, where, taskQueue }));
      return { hash, definition, activities };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/definitions/{definition}/runs',
    scope: 'operate',
    summary: 'Start a run of a definition with "on": {"manual": …}',
    description:
      'Requests with the same `key`, or else with the same header `Idempotency-Key`, start one run, forever. Without either, each request starts another one.',
    params,
    bodyLimit,
    body: z.strictObject({
      input: z.record(z.string(), z.unknown()).describe('an object that fits the schema of the definition'),
      key: fields.optional(fields.words(255)).meta({ title: 'What makes repeated requests one run.' }),
      reason: fields.reason,
      by: fields.by,
    }),
    answer: started,
    status: 202,
    problems: [404, 409, 422],
    async handle({ params: { definition }, body: { input, key, reason, by }, caller, request }) {
      const header = request.headers['idempotency-key'];
      const outcome = await startByHand(
        {
          ...{ database: deps.database, installation: deps.installation.id, served },
          ...{ now: () => new Date(), wake: deps.wakeDispatcher },
        },
        {
          ...{ definition, input: input as JsonObject, reason, actor: actorOf(caller, by) },
          key: key ?? (typeof header === 'string' ? header : undefined),
        },
      );
      if (outcome.kind === 'accepted') {
        const { source, eventId, workflowId: run, repeated } = outcome;
        return { source, eventId, run, repeated };
      }
      throw problemOf(outcome, definition);
    },
  });
}

function describe({ definition, hash }: ApiDeps['served']['definitions'][number]): z.output<typeof listed> {
  const { name, title = null, on } = definition;
  const startedBy = on === 'run' ? 'run' : isManual(on) ? 'manual' : isScheduled(on) ? 'schedule' : 'event';
  return { name, title, hash, startedBy };
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function problemOf(
  outcome: Exclude<Awaited<ReturnType<typeof startByHand>>, { kind: 'accepted' }>,
  definition: string,
): ApiProblem {
  switch (outcome.kind) {
    case 'unknown': {
      const { names } = outcome;
      const others = names.length === 0 ? 'None can be started by hand.' : `These can be started: ${names.join(', ')}.`;
      return notFound(`No definition "${definition}" is served. ${others}`);
    }
    case 'not-manual': {
      const detail = `"${definition}" is not started by hand: its "on" has no "manual". To repeat a run of an event, use "events replay".`;
      return new ApiProblem(409, 'not-manual', detail);
    }
    case 'invalid':
      return new ApiProblem(422, 'input-invalid', `The input does not fit: ${outcome.problem}.`);
    case 'conflict': {
      const detail = 'This key was used before with another input. Use another key for another run.';
      return new ApiProblem(409, 'key-reused', detail);
    }
  }
}
