import { fastify } from 'fastify';
import { addRoutes } from './add-routes.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Api, Route } from './define-route.ts';
import { apiDocument } from './document.ts';

/** The OpenAPI document of all routes, without a server. */
export function describeApi(version: string) {
  return apiDocument(routesOf(), version);
}

/** Every route, as it was declared. */
export function routesOf(): readonly Route[] {
  const api: Api = {
    app: fastify(),
    routes: [],
    checksAnswers: false,
    idempotency: null,
    resolveRun: (named) => Promise.resolve(named),
  };
  addRoutes(api, {} as ApiDeps); // Only requests use them.
  return api.routes;
}
