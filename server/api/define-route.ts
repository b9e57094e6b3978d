import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { etagOf, knownEtags, refuseCondition, versionOfIfMatch } from './etag.ts';
import { answerOnce, type IdempotencyDeps, type ReadyAnswer } from './idempotency.ts';
import { ApiProblem, problemOf, problemText, problemType } from './problem.ts';
import type { Caller, Scope } from './scopes.ts';

/*
 * How to add a route.
 *
 * 1. Put it in `routes/<group>.ts`, whose function `add<Group>Routes(api, deps)` is called in `add-routes.ts`.
 * 2. Call `addRoute(api, { method, path, scope, summary, …, handle })`. `path` is relative to `/api/v1`, with parameters in braces:
 *    `/runs/{run}`. Schemas are zod objects; use `z.strictObject` for what comes in. The description of each incoming field
 *    completes "must be …", because that is what the client reads if the field is wrong. Many fields are in `fields.ts`.
 * 3. `handle` gets what was checked, and who asks (`caller`). It resolves to the answer's body, or throws an `ApiProblem` whose status is
 *    listed in `problems`. Dates become RFC 3339 texts. Write audit rows with `actorOf(caller, body.by)`.
 * 4. A list has `query: pageQuery({ …filters })`, `answer: pageOf(item)`, and calls `readPage` of `cursors.ts`.
 * 5. Run `npm run docs`: it writes `schemas/openapi.json` and the types of the client, `cli/api-types.ts`. Then call the route from
 *    a command with the client of `cli/api-client.ts`.
 *
 * Everything else comes from the declaration: checking the request, problems as RFC 9457 has them, the key and its scope, 405 for other methods,
 * idempotency keys of POST, ETags and 304 of a GET whose path ends with a parameter, and the OpenAPI document. Tests use `openApi` of `test/server/api/api-fixture.ts`, which fails if an answer is not
 * as declared.
 */

/** What a route is, and does. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
  Answer extends z.ZodType | null = z.ZodType | null,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Relative to `/api/v1`. */
  path: string;
  /** The least that the caller's key must have. */
  scope: Scope;
  /** A few words, for the table of contents. */
  summary: string;
  description?: string;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Of the body, in bytes. Default: 64 KiB. */
  bodyLimit?: number;
  /** Of the body of a success. Null: there is none. */
  answer: Answer;
  /** Default: 200, or 204 without a body. */
  status?: 200 | 201 | 202 | 204;
  /** What the answer is. Default: JSON. */
  contentType?: string;
  /** Whether the answer is a thing whose field `version` counts the changes that people make. See `etag.ts`. */
  hasVersion?: true;
  /** Whether it takes `If-Match`: then `handle` gets `version`, and answers 412 if it is another one. See `etag.ts`. */
  ifMatch?: true;
  /**
   * Whether portal links open it. Then `handle` sees to it that `caller.tenant` gets only what is its own, as if nothing else existed. All other
   * routes refuse them.
   */
  tenant?: true;
  /** Whether nothing of it is kept: no idempotency key is taken, because that keeps a digest of the request and the answer. Only for a POST without effects. */
  keepsNothing?: true;
  /** The statuses of the problems that `handle` throws, besides those that every such route has. */
  problems?: number[];
  handle: (
    asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Answered<Answer> | Promise<Answered<Answer>>;
}

/** What a handler gets. */
export interface Asked<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  /** What `If-Match` names. Null: any will do. */
  version: number | null;
  request: FastifyRequest;
  reply: FastifyReply;
}

type Answered<Answer extends z.ZodType | null> = Answer extends z.ZodType ? Sent<z.input<Answer>> : undefined;

/** What may be sent as JSON in place of a value: a time is a text there. */
export type Sent<Value> = string extends Value
  ? Value | Date
  : Value extends readonly (infer Item)[]
    ? readonly Sent<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Sent<Value[Key]> }
      : Value;

/** The API that routes are added to. */
export interface Api {
  app: FastifyInstance;
  /** Those that were added. */
  routes: Route[];
  /** Whether an answer that is not as its route declares is an error. For tests: it costs time. */
  checksAnswers: boolean;
  /** Null: the document is written, and nobody asks. */
  idempotency: IdempotencyDeps | null;
  /** The workflow id of the run that a client names in a path: see `runs/resolve-run.ts`. */
  resolveRun: (named: string) => Promise<string>;
}

export const basePath = '/api/v1';
const defaultBodyLimit = 64 * 1024;
const nothing = z.strictObject({});

/** Adds a route. See the top of this file. */
export function addRoute<
  Params extends z.ZodObject = typeof nothing,
  Query extends z.ZodObject = typeof nothing,
  Body extends z.ZodObject = typeof nothing,
  Answer extends z.ZodType | null = z.ZodType | null,
>(api: Api, route: Route<Params, Query, Body, Answer>): void {
  api.routes.push(route); // The document and the tests only look at the schemas.
  const { method, path, params, query = nothing, body = nothing, bodyLimit = defaultBodyLimit } = route;
  const takesBody = method === 'post' || method === 'put' || method === 'patch';
  api.app.route({
    method: method.toUpperCase(),
    url: basePath + fastifyPath(path),
    bodyLimit,
    config: { scope: route.scope, forTenants: route.tenant === true },
    exposeHeadRoute: route.contentType !== 'text/event-stream', // It would begin a stream.
    schema: { querystring: query, ...(params !== undefined && { params }), ...(takesBody && { body }) },
    handler: async (request, reply) => {
      const work = () => answerOf(api, route, request, reply);
      const key = method === 'post' && route.keepsNothing !== true ? keyOf(request) : undefined;
      const answer =
        key === undefined || api.idempotency === null
          ? await work()
          : await answerOnce(api.idempotency, { ...key, method, url: request.url, body: request.body }, () =>
              orProblem(work),
            );
      if (reply.sent) return reply; // It is a stream.
      if (answer.contentType !== null) void reply.type(answer.contentType);
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    },
  });
}

/** What the handler answers, as it is sent. */
async function answerOf<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>(
  { checksAnswers, resolveRun }: Pick<Api, 'checksAnswers' | 'resolveRun'>,
  route: Route<Params, Query, Body>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ReadyAnswer> {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  if (route.ifMatch !== true) refuseCondition('If-Match', ifMatch);
  if (route.method !== 'get') refuseCondition('If-None-Match', ifNoneMatch);
  const known = readsOneThing(route) ? knownEtags(ifNoneMatch) : null;
  // They were checked by the schemas of the route.
  const params = request.params as z.output<Params>;
  if (namesRun(route)) Object.assign(params, { run: await resolveRun((params as { run: string }).run) });
  const answer = await route.handle({
    params,
    query: request.query as z.output<Query>,
    body: request.body as z.output<Body>,
    caller: callerOf(request),
    version: route.ifMatch === true ? versionOfIfMatch(ifMatch) : null,
    request,
    reply,
  });
  if (checksAnswers && route.answer !== null && !reply.sent) checkAnswer(route, answer);
  const isJson = route.contentType === undefined;
  const body = route.answer === null ? '' : isJson ? JSON.stringify(answer) : String(answer);
  const etag = etagOfAnswer(route, answer, body);
  const headers = etag === null ? {} : { etag };
  if (etag !== null && (known === '*' || known?.includes(etag) === true)) {
    return { status: 304, contentType: null, body: '', headers };
  }
  const contentType = route.answer === null ? null : (route.contentType ?? 'application/json; charset=utf-8');
  return { status: statusOf(route), contentType, body, headers };
}

/** Null: it has none. */
function etagOfAnswer(route: Pick<Route, 'method' | 'path' | 'hasVersion'>, answer: unknown, body: string) {
  const isWhole = readsOneThing(route);
  if (!isWhole && route.hasVersion !== true) return null;
  const version = route.hasVersion === true ? (answer as { version: number }).version : null; // As the route declares.
  return etagOf(version, isWhole ? body : null);
}

/** Whether it gets a single thing by its name: only then is it worth an ETag. */
export function readsOneThing({ method, path }: Pick<Route, 'method' | 'path'>): boolean {
  return method === 'get' && path.endsWith('}');
}

/** Whether the path of a route names a run, by its id, its event or its order. */
export function namesRun({ path }: Pick<Route, 'path'>): boolean {
  return path.includes('{run}');
}

/** A request that was refused is refused again when it is repeated. */
async function orProblem(work: () => Promise<ReadyAnswer>): Promise<ReadyAnswer> {
  try {
    return await work();
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null || problem.status >= 500) throw error;
    const { headers } = problem;
    return { status: problem.status, contentType: problemType, body: problemText(problem), headers };
  }
}

/** Undefined: the client has sent none. */
function keyOf({ headers, callerSecret }: FastifyRequest): { key: string; callerSecret: string } | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) {
    return { key, callerSecret: callerSecret ?? '' };
  }
  const detail = 'Idempotency-Key must be 1 to 200 visible ASCII characters, such as a UUID.';
  throw new ApiProblem(400, 'invalid-request', detail);
}

/** The status of a success. */
export function statusOf({ status, answer }: Pick<Route, 'status' | 'answer'>): number {
  return status ?? (answer === null ? 204 : 200);
}

/** `/runs/{run}` in Fastify's notation. */
function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least that the caller's key must have. */
    scope?: Scope;
    /** Whether portal links open it. */
    forTenants?: boolean;
  }
  interface FastifyRequest {
    /** Who asks. Set before anything else is looked at. */
    caller: Caller | null;
    /** What the caller has proven itself with. Set with `caller`. */
    callerSecret: string | null;
  }
}

function callerOf({ caller }: FastifyRequest): Caller {
  if (caller === null) throw new Error('A route was reached without a caller');
  return caller;
}

function checkAnswer(
  { method, path, answer: schema }: Pick<Route, 'method' | 'path' | 'answer'>,
  answer: unknown,
): void {
  const sent = JSON.parse(JSON.stringify(answer)) as unknown;
  const parsed = schema?.safeParse(sent);
  const problem =
    parsed?.success === false
      ? parsed.error.message
      : isDeepStrictEqual(parsed?.data, sent)
        ? null
        : `${JSON.stringify(sent)} has fields that are not declared`;
  if (problem !== null) throw new ApiProblem(500, 'undeclared-answer', `${method} ${path}: ${problem}`);
}
