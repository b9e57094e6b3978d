import type { Logger } from 'pino';
import { z } from 'zod';
import { readAddress } from '../../../http/networks.ts';
import type { Json, JsonObject } from '../../../language/json.ts';
import { cutText } from '../../../language/well-formed.ts';
import { checkEditedInput } from '../../runs/check-edited-input.ts';
import { findRun } from '../../search/list-runs.ts';
import type { Commander, CommandOutcome, GivenCommand } from '../../runs/command-run.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api, type Asked } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';

const how = {
  reason: fields.reason,
  by: fields.by,
  via: z.enum(['api', 'cli']).default('api').describe('api or cli'),
};
const plain = z.strictObject(how);
const stepParams = z.strictObject({ run: fields.run, step: fields.stepKey });
const done = z.object({ run: z.string(), done: z.literal(true) }).meta({ id: 'CommandDone' });
const problems = [404, 409, 503];

const given = z
  .unknown()
  .refine((value) => value !== undefined)
  .describe('JSON of at most 262,144 characters');
const givenObject = z.record(z.string(), z.unknown()).describe('an object');
/** More than a run takes: it says how much that is. */
const bodyLimit = 1_100_000;

type Deps = Pick<ApiDeps, 'database' | 'commandRun' | 'endRun' | 'activityInputs' | 'log'>;

/** Operators' commands to runs under way: see "Steer a run" in `docs/OPERATIONS.md`. Each is in the audit before it is carried out. */
export function addCommandRoutes(api: Api, deps: Deps): void {
  const ofRun = { method: 'post', scope: 'operate', params: fields.runParams, answer: done, problems } as const;
  const ofStep = { ...ofRun, params: stepParams } as const;
  for (const [verb, summary] of [
    ['pause', 'Keep the steps of a run from beginning'],
    ['resume', 'End the pause of a run'],
  ] as const) {
    addRoute(api, {
      ...{ ...ofRun, path: `/runs/{run}/${verb}`, summary, body: plain },
      handle: (asked) => command(deps, asked, { verb }),
    });
  }
  for (const [verb, summary] of [
    ['cancel', 'Cancel a run: it undoes what it did, as its definition says'],
    ['terminate', 'Terminate a run: nothing is undone'],
  ] as const) {
    addRoute(api, {
      ...{ ...ofRun, path: `/runs/{run}/${verb}`, summary, body: plain },
      handle: (asked) => carriedOut(deps, asked, (run, commander) => deps.endRun(run, verb, commander)),
    });
  }
  for (const [verb, summary] of [
    ['retry', 'Try a step again that is parked or between two attempts'],
    ['skip', 'Go on without a step that is parked, between two attempts, or waiting'],
  ] as const) {
    addRoute(api, {
      ...{ ...ofStep, path: `/runs/{run}/steps/{step}/${verb}`, summary, body: plain },
      handle: (asked) => command(deps, asked, { verb, step: asked.params.step }),
    });
  }
  addRoute(api, {
    ...{ ...ofStep, path: '/runs/{run}/steps/{step}/set-result', bodyLimit },
    summary: 'Give the result of a step, which counts as done then',
    body: z.strictObject({ ...how, result: given }),
    handle: (asked) =>
      command(deps, asked, { verb: 'setResult', step: asked.params.step, result: asked.body.result as Json }),
  });
  addRoute(api, {
    ...{ ...ofStep, path: '/runs/{run}/steps/{step}/edit-input', bodyLimit },
    summary: 'Try a step again with another input',
    description:
      'The input is checked against what the activity takes, if this server knows that. Otherwise `checked` is false, and the step fails if its input does not fit.',
    body: z.strictObject({ ...how, input: givenObject }),
    answer: done.extend({ checked: z.boolean() }).meta({ id: 'InputEdited' }),
    async handle({ body, ...asked }) {
      const input = body.input as JsonObject; // It was parsed from JSON.
      const { run, step } = asked.params;
      const row = await findRun(deps.database, run);
      if (row === undefined) throw notFound('There is no such run.');
      const { definitionHash } = row;
      const known = { database: deps.database, activities: deps.activityInputs() };
      const checked = await checkEditedInput(known, { definitionHash, step, input });
      return { ...(await command(deps, { ...asked, body }, { verb: 'editInput', step, input })), checked };
    },
  });
}

type AskedOfRun = Pick<
  Asked<{ run: string }, unknown, z.output<typeof plain>>,
  'params' | 'body' | 'caller' | 'request'
>;

function command(deps: Deps, asked: AskedOfRun, what: GivenCommand) {
  return carriedOut(deps, asked, (run, commander) => deps.commandRun(run, what, commander));
}

/** Only runs that Kait has started: whoever may use the API must not reach other workflows of the namespace. */
async function carriedOut(
  { database, log }: Deps,
  { params: { run }, body, caller, request }: AskedOfRun,
  carryOut: (run: string, commander: Commander & { reason: string }) => Promise<CommandOutcome>,
): Promise<z.input<typeof done>> {
  if ((await findRun(database, run)) === undefined) throw notFound('There is no such run.');
  const { reason, via } = body;
  const by = cutText(actorOf(caller, body.by), 200);
  const outcome = await carryOut(run, {
    ...{ by, reason, via },
    address: readAddress(request.raw.socket.remoteAddress ?? ''),
  });
  requireDone(outcome, { run, log });
  return { run, done: true };
}

/** Throws the problem of a command that was not carried out, as far as is known. */
export function requireDone(outcome: CommandOutcome, { run, log }: { run: string; log: Logger }): void {
  if (outcome.kind === 'refused') throw new ApiProblem(409, outcome.refusal, outcome.message);
  if (outcome.kind === 'done') return;
  log.warn({ run, reason: outcome.reason }, 'a command to a run has no outcome');
  const detail = 'Temporal did not say whether the command was carried out. Look at the run before you repeat it.';
  throw new ApiProblem(503, 'unavailable', detail, { headers: { 'retry-after': '10' } });
}
