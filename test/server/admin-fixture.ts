import { pino } from 'pino';
import { createAdmin } from '../../server/admin.ts';
import type { AdminDeps } from '../../server/admin-routes.ts';
import { createMetrics } from '../../server/metrics.ts';

const token = 'token-of-the-tests';

export interface Asked {
  method?: 'GET' | 'POST' | 'DELETE' | 'PUT';
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

/** An admin API that does not listen yet. Using a dependency that `deps` leaves out fails. */
export function createTestAdmin(deps: Partial<AdminDeps> & Pick<AdminDeps, 'database'>) {
  const never = () => Promise.reject(new Error('not expected'));
  return createAdmin({
    token,
    hosts: ['kait.internal'],
    installation: 'kait-test',
    served: { definitions: [], awaited: [] },
    metrics: createMetrics(() => Promise.resolve(0)),
    log: pino({ level: 'silent' }),
    endpoints: { add: never, list: never, remove: never },
    runStatus: never,
    decide: never,
    wakeDispatcher: () => undefined,
    presets: new Map(),
    reread: never,
    publish: never,
    secretFaults: () => [],
    about: never,
    ...deps,
  });
}

/** An admin API without a socket. Using a dependency that `deps` leaves out fails. */
export function openAdmin(deps: Partial<AdminDeps> & Pick<AdminDeps, 'database'>) {
  const admin = createTestAdmin(deps);
  return async ({ method = 'GET', url, headers = {}, body }: Asked) => {
    const response = await admin.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const isJson = response.headers['content-type']?.toString().startsWith('application/json') === true;
    return { status: response.statusCode, body: isJson ? response.json<unknown>() : response.body };
  };
}
