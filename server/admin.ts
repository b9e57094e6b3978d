import { fastify, type FastifyInstance } from 'fastify';
import { KaitError } from '../errors.ts';
import { addAdminRoutes, type AdminDeps } from './admin-routes.ts';
import { equalsAny } from './equals-any.ts';

/**
 * The operators' HTTP API, which the CLI speaks. It listens on loopback unless told otherwise, and asks for
 * `Authorization: Bearer <token>` on every route.
 */
export function createAdmin(deps: AdminDeps & { token: string }): FastifyInstance {
  const app = fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000 });
  app.addHook('onRequest', async (request, reply) => {
    if (!equalsAny(request.headers.authorization ?? '', [`Bearer ${deps.token}`])) {
      await reply.code(401).send({ error: { code: 'unauthorized', message: 'A bearer token is needed.' } });
    }
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof KaitError)
      return reply.code(400).send({ error: { code: error.code, message: error.message } });
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status >= 500) deps.log.error({ err: error, url: request.url }, 'admin request failed');
    const message = status >= 500 ? 'Kait could not answer; its log says why.' : (error as Error).message;
    return reply.code(status).send({ error: { code: 'request-failed', message } });
  });
  addAdminRoutes(app, deps);
  return app;
}
