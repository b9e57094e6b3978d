import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiProblem } from './problem.ts';
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
 * idempotency keys of POST, and the OpenAPI document. Tests use `openApi` of `test/server/api/api-fixture.ts`, which fails if an answer is not
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
    config: { scope: route.scope },
    schema: { querystring: query, ...(params !== undefined && { params }), ...(takesBody && { body }) },
    handler: async (request, reply) => {
      const answer = await route.handle({
        // They were checked by the schemas above.
        params: request.params as z.output<Params>,
        query: request.query as z.output<Query>,
        body: request.body as z.output<Body>,
        caller: callerOf(request),
        request,
        reply,
      });
      if (reply.sent) return reply; // It is a stream.
      if (api.checksAnswers && route.answer !== null) checkAnswer(route, answer);
      if (route.answer !== null) void reply.type(route.contentType ?? 'application/json; charset=utf-8');
      return reply.code(statusOf(route)).send(answer);
    },
  });
}

/** The status of a success. */
export function statusOf({ status, answer }: Pick<Route, 'status' | 'answer'>): number {
  return status ?? (answer === null ? 204 : 200);
}

/** `/runs/{run}` in Fastify's notation. */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least that the caller's key must have. */
    scope?: Scope;
  }
  interface FastifyRequest {
    /** Who asks. Set before anything else is looked at. */
    caller: Caller | null;
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
