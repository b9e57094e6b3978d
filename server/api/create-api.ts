import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { boundShutdown } from '../../http/bound-shutdown.ts';
import { limitConnections } from '../../http/limit-connections.ts';
import type { ConsoleAccess } from '../console/console-access.ts';
import { isForConsole, serveConsole } from '../console/serve-console.ts';
import { addSessionRoutes } from '../console/session-routes.ts';
import { resolveRun } from '../runs/resolve-run.ts';
import { addRoutes } from './add-routes.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Authenticator } from './authenticate.ts';
import { whyRefused } from './check-access.ts';
import { validatorCompiler } from './check-request.ts';
import type { Api } from './define-route.ts';
import { answerProblem, ApiProblem, problemOf } from './problem.ts';
import { unavailableOf } from './unavailable.ts';

interface ApiAccess {
  authenticator: Pick<Authenticator, 'check'>;
  /** The names under which clients may ask, besides addresses and `localhost`. */
  hosts: readonly string[];
  console: ConsoleAccess;
  /** For tests: see `Api`. */
  checksAnswers?: boolean;
}

const timeouts = {
  requestTimeout: 10_000,
  connectionTimeout: 60_000,
  // Room for a workflow id of 1,500 characters, percent-encoded.
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 32 * 1024 },
};
/** The CLI and a scraper need a few; each page of the console that is open keeps one. */
const mostConnections = 400;
/** A workflow id of 1,500 characters, percent-encoded. */
const longestParam = 20_000;

/**
 * The HTTP API at `/api/v1`, which the CLI and the console use, and `/metrics` beside it. It listens on loopback by default. Every route needs
 * `Authorization: Bearer <key>` or the cookie of a session, and a problem is answered as `application/problem+json`. Nothing is answered under a host name that
 * may be somebody else's, nor to another site's page. Every other path is the console's, whose files are open to all; `/session` lets people in.
 */
export function createApi(deps: ApiDeps & ApiAccess): FastifyInstance {
  const app = fastify({
    bodyLimit: 64 * 1024,
    ...timeouts,
    routerOptions: { maxParamLength: longestParam },
    frameworkErrors: (_error, request, reply) =>
      void whyRefused(request, deps).then((refusal) => answerProblem(reply, refusal ?? malformedUrl())),
  });
  limitConnections(app.server, { total: mostConnections, isProxy: () => false, onRejected: () => undefined });
  boundShutdown(app, timeouts.requestTimeout / 2);
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.decorateRequest('caller', null);
  app.decorateRequest('callerSecret', null);
  app.decorateRequest('isStillAllowed', async function (this: FastifyRequest) {
    return (await whyRefused(this, deps)) === null;
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    const refusal = await whyRefused(request, deps);
    if (refusal !== null) return answerProblem(reply, refusal);
    if (request.caller !== null) void reply.header('kait-version', deps.version);
    const allow = request.is404 ? allowedAt(request.url) : null;
    if (allow !== null) return answerProblem(reply, otherMethod(request.method, allow)); // Before a body is looked at.
    return undefined;
  });
  app.setNotFoundHandler((request, reply) => {
    if (isForConsole(request)) return serveConsole(deps.console.files, request, reply, deps.console.portalOrigins);
    const detail = `There is no route ${request.method} ${request.url.replace(/\?.*$/s, '')}.`;
    return answerProblem(reply, new ApiProblem(404, 'no-route', detail));
  });
  app.setErrorHandler((error, request, reply) => handleError(error, request, reply, deps.log));
  const api: Api = {
    app,
    routes: [],
    checksAnswers: deps.checksAnswers === true,
    idempotency: deps,
    resolveRun: (named) => resolveRun(deps.database, named),
  };
  const allowedAt = refuseOtherMethods(app);
  addRoutes(api, deps);
  addSessionRoutes(app, deps);
  return app;
}

function malformedUrl(): ApiProblem {
  return new ApiProblem(400, 'invalid-request', 'The URL is malformed.');
}

function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const problem = problemOf(error);
  if (problem !== null) return answerProblem(reply, problem);
  const unavailable = unavailableOf(error);
  if (unavailable !== null) {
    log.warn({ err: error, method: request.method, route: request.routeOptions.url }, 'API request failed for now');
    return answerProblem(reply, unavailable);
  }
  const { statusCode = 500, code = '', message } = error as Partial<FastifyError>; // Whatever it is, its fields are optional.
  if (statusCode < 500) {
    const detail =
      code === 'FST_ERR_CTP_BODY_TOO_LARGE'
        ? `The body must not exceed ${request.routeOptions.bodyLimit / 1_024} KiB.`
        : (messagesByCode[code] ?? message ?? 'The request is invalid.');
    return answerProblem(reply, new ApiProblem(statusCode, 'invalid-request', detail));
  }
  log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'API request failed');
  const detail = 'The request failed. See the log of Kait for the reason.';
  return answerProblem(reply, new ApiProblem(500, 'request-failed', detail));
}

/** Replaces Fastify's own messages with ones that say what to send instead. */
const messagesByCode: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body must be valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body must be valid JSON, but it is empty.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be JSON, with Content-Type: application/json.',
};

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/** Answers 405 for the other methods of each path, with those that it has. Returns what finds these for a URL, for methods that Fastify does not know. */
function refuseOtherMethods(app: FastifyInstance): (url: string) => string | null {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.isOtherMethod === true) return;
    const methods = known.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    known.set(url, methods);
  });
  void app.register((scope, _options, done) => {
    // After all others are there.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    for (const [url, methods] of known) {
      const allow = [...methods].join(', ');
      scope.route({
        method: everyMethod.filter((each) => !methods.has(each)),
        url,
        config: { isOtherMethod: true },
        handler: ({ method }) => {
          throw otherMethod(method, allow);
        },
      });
    }
    done();
  });
  return (url) => {
    const path = url.replace(/\?.*$/s, '');
    const found = [...known].find(([pattern]) => new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
    return found === undefined ? null : [...found[1]].join(', ');
  };
}

function otherMethod(method: string, allow: string): ApiProblem {
  const detail = `There is no ${method} here. Allowed: ${allow}.`;
  return new ApiProblem(405, 'method-not-allowed', detail, { headers: { allow } });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route that exists only to be answered with 405. */
    isOtherMethod?: boolean;
  }
}
