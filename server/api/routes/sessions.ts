import { z } from 'zod';
import { linkMinutes } from '../../console/login-links.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf, scopes } from '../scopes.ts';

const session = z
  .object({
    id: z.string(),
    name: z.string().describe('The person, or the API key.'),
    scope: z.enum(scopes),
    via: z
      .enum(['token', 'key', 'link', 'oidc'])
      .describe(
        'What it was opened with: the admin token, an API key, a one-time link, or an account of the identity provider.',
      ),
    createdAt: fields.instant,
    expiresAt: fields.instant,
  })
  .meta({ id: 'Session' });

export function addSessionRoutes(
  api: Api,
  { installation, console, loginUrl, log }: Pick<ApiDeps, 'installation' | 'console' | 'loginUrl' | 'log'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/sessions',
    scope: 'admin',
    summary: 'Who is logged in to the console, newest first',
    query: fields.pageQuery({}),
    answer: fields.pageOf(session),
    handle: ({ query }) => readPage(installation, { list: 'sessions', query }, (page) => console.store.list(page)),
  });
  addRoute(api, {
    method: 'delete',
    path: '/sessions/{session}',
    scope: 'admin',
    summary: 'End a session',
    description: 'All servers refuse it within seconds.',
    params: z.strictObject({ session: fields.text(100) }),
    answer: null,
    async handle({ params: { session: id }, caller }) {
      const actor = actorOf(caller, undefined);
      if (!(await console.store.end({ id, actor, action: 'end-session' }))) throw notFound('There is no such session.');
      console.check.forget();
      log.warn({ session: id, actor }, 'a session was ended');
      return undefined;
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/login-links',
    scope: 'admin',
    summary: 'Make a link that logs in to the console once',
    description: `It opens within ${linkMinutes} minutes, in a browser on the machine where this server runs. Only a server that listens on loopback makes one.`,
    body: z.strictObject({ by: fields.by }),
    status: 201,
    answer: z
      .object({ url: z.string().describe('Opens once. Keep it to yourself.'), expiresAt: fields.instant })
      .meta({ id: 'LoginLink' }),
    problems: [409],
    handle({ body: { by }, caller }) {
      const url = loginUrl(by ?? caller.name);
      if (url === null) {
        const detail = 'This server listens on more than loopback. Log in with the admin token or an API key.';
        throw new ApiProblem(409, 'not-on-loopback', detail);
      }
      return { url, expiresAt: new Date(Date.now() + linkMinutes * 60_000) };
    },
  });
}
