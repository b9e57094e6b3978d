import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import { apiDocument } from '../document.ts';
import { statusAnswer } from './status-answer.ts';

export function addStatusRoutes(api: Api, deps: Pick<ApiDeps, 'about' | 'version'>): void {
  addRoute(api, {
    method: 'get',
    path: '/status',
    scope: 'read',
    summary: 'What is running where, and what needs attention',
    answer: statusAnswer,
    handle: () => deps.about(),
  });
  addRoute(api, {
    method: 'get',
    path: '/openapi.json',
    scope: 'read',
    summary: 'This description of the API',
    description:
      'The package has it as well, as `schemas/openapi.json`. It needs a key because nothing is answered without one.',
    answer: z.looseObject({ openapi: z.string() }),
    handle: () => ({ ...apiDocument(api.routes, deps.version) }),
  });
}
