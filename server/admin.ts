import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaCompiler,
} from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { KaitError } from '../errors.ts';
import { boundShutdown } from '../http/bound-shutdown.ts';
import { isForeignPage, isOwnHost } from '../http/browser-page.ts';
import { limitConnections } from '../http/limit-connections.ts';
import { addAdminRoutes, type AdminDeps } from './admin-routes.ts';
import { equalsAny } from './equals-any.ts';
import { shortened } from '../language/printable.ts';

interface AdminAccess {
  token: string;
  /** The names under which clients may ask, besides addresses and `localhost`. */
  hosts: readonly string[];
}

const timeouts = {
  requestTimeout: 10_000,
  connectionTimeout: 60_000,
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
};
/** The CLI and a scraper need a few. */
const mostConnections = 200;

/**
 * The operators' HTTP API, which the CLI uses. It listens on loopback by default. Every route needs
 * `Authorization: Bearer <token>`, and an error is answered with `{ error: { code, message } }`. Nothing is answered under a host name that
 * may be somebody else's, nor to another site's page.
 */
export function createAdmin(deps: AdminDeps & AdminAccess): FastifyInstance {
  const app = fastify({
    bodyLimit: 64 * 1024,
    ...timeouts,
    frameworkErrors: (_error, request, reply) =>
      void answerError(reply, ...(refusalOf(request, deps) ?? [400, 'invalid-request', 'The URL is malformed.'])),
  });
  limitConnections(app.server, { total: mostConnections, isProxy: () => false, onRejected: () => undefined });
  boundShutdown(app, timeouts.requestTimeout / 2);
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request, deps);
    if (refusal !== null) await answerError(reply, ...refusal);
  });
  app.setNotFoundHandler((request, reply) =>
    answerError(reply, 404, 'not-found', `There is no route ${request.method} ${request.url.replace(/\?.*$/s, '')}.`),
  );
  app.setErrorHandler((error, request, reply) => handleError(error, request, reply, deps.log));
  addAdminRoutes(app, deps);
  return app;
}

type Problem = [status: number, code: string, message: string];

/** Null if the request may go on. A page that rebinds its name to this address, or sends requests blindly, learns nothing, not even that Kait is here. */
function refusalOf({ headers }: FastifyRequest, { token, hosts }: AdminAccess): Problem | null {
  if (!isOwnHost(headers.host, hosts)) {
    return [421, 'wrong-host', 'Ask by address or as localhost, or name this host in KAIT_ADMIN_HOSTS.'];
  }
  if (isForeignPage(headers)) return [403, 'foreign-page', 'Web pages have no access.'];
  if (equalsAny(headers.authorization ?? '', [`Bearer ${token}`])) return null;
  return [401, 'unauthorized', 'The admin API needs its token: Authorization: Bearer <token>.'];
}

function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  if (error instanceof KaitError) return answerError(reply, 400, error.code, error.message);
  const { statusCode = 500, code = '', message } = error as Partial<FastifyError>; // Whatever it is, its fields are optional.
  if (statusCode < 500) {
    return answerError(
      reply,
      statusCode,
      'invalid-request',
      code === 'FST_ERR_CTP_BODY_TOO_LARGE'
        ? `The body must not exceed ${request.routeOptions.bodyLimit / 1_024} KiB.`
        : (messagesByCode[code] ?? message ?? 'The request is invalid.'),
    );
  }
  log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'admin request failed');
  return answerError(reply, 500, 'request-failed', 'The request failed. See the log of Kait for the reason.');
}

/** Replaces Fastify's own messages with ones that say what to send instead. */
const messagesByCode: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body must be valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body must be valid JSON, but it is empty.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be JSON, with Content-Type: application/json.',
};

function answerError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

/** A schema's part of the request, in the words of the person who sent it. */
const parts: Record<string, { whole: string; one: string }> = {
  querystring: { whole: 'The query string', one: 'query parameter' },
  params: { whole: 'The path', one: 'path parameter' },
  body: { whole: 'The body', one: 'field' },
};

/**
 * Checks a part of a request against the zod object of its route. Each field's description completes "must be ...".
 * (`fastify-type-provider-zod` does the same, but installs Swagger and six more packages, and its messages name no parameter.)
 */
const validatorCompiler: FastifySchemaCompiler<z.ZodObject<Record<string, z.ZodType>>> = ({
  schema,
  httpPart = 'body',
}) => {
  const names = Object.keys(schema.shape);
  const { whole, one } = parts[httpPart] ?? { whole: httpPart, one: 'field' };

  function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
    const [name] = issue.path;
    if (issue.code === 'unrecognized_keys') {
      const allowed = names.length === 0 ? `This route has no ${one}s.` : `Allowed: ${names.join(', ')}.`;
      return `Unknown ${one} ${issue.keys.map(quoted).join(', ')}. ${allowed}`;
    }
    if (typeof name !== 'string') return `${whole} must be a JSON object with ${names.join(' and ')}.`;
    const expected = schema.shape[name]?.description ?? 'different';
    const value = (given as Record<string, unknown>)[name]; // An issue with a path is about a field of an object.
    return `${name} must be ${expected}, but it is ${value === undefined ? 'missing' : quoted(value)}.`;
  }

  return (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const messages = new Set(parsed.error.issues.map((issue) => messageOf(issue, data)));
    return { error: Object.assign(new Error([...messages].join(' ')), { statusCode: 400 }) };
  };
};

/** A value as JSON on one line, cut to a readable length. */
function quoted(value: unknown): string {
  return shortened(JSON.stringify(value), 60);
}
