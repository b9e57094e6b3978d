import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../../cli/api-types.ts';
import { isPortal, portalToken } from './portal.ts';
import { problemOf, send } from './send.ts';
import { csrfToken, endSession } from './session.ts';

/** The HTTP API, typed by its OpenAPI document. Whatever is no success is thrown as `ApiError`: wrap each call in `answerOf`. */
export const api: Client<paths> = createClient<paths>({ baseUrl: '/api/v1', fetch: ask });

/** The body of a success. */
export async function answerOf<Data>(asked: Promise<{ data?: Data; response: Response }>): Promise<Data> {
  const { data } = await asked;
  return data as Data; // Everything else was thrown.
}

async function ask(request: Request): Promise<Response> {
  if (request.method !== 'GET') request.headers.set('x-kait-csrf', csrfToken());
  if (request.method === 'POST') request.headers.set('idempotency-key', crypto.randomUUID());
  if (isPortal()) request.headers.set('authorization', `Bearer ${portalToken()}`);
  const response = await send(request);
  if (response.ok) return response;
  if (response.status === 401) endSession('expired');
  throw await problemOf(response);
}
