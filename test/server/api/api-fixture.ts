import type { EndpointStore } from '../../../activities/outbound/endpoints.ts';
import { pino } from 'pino';
import { expect } from 'vitest';
import { noEventTypes } from '../../../language/event-types.ts';
import type { ApiDeps } from '../../../server/api/api-deps.ts';
import { createAuthenticator } from '../../../server/api/authenticate.ts';
import { findApiKey, noteKeyUse } from '../../../server/api/keys/api-keys.ts';
import { createConsoleAccess } from '../../../server/console/console-access.ts';
import type { Database } from '../../../storage/database.ts';
import { createApi } from '../../../server/api/create-api.ts';
import type { StatusAnswer } from '../../../server/api/routes/status-answer.ts';
import { portalGeneration } from '../../../server/api/portal/portal-links.ts';
import { readPortalToken } from '../../../server/api/portal/portal-token.ts';
import { createMetrics } from '../../../server/metrics.ts';
import { nothingStuck } from '../../../server/stuck.ts';
import { unknownRuns } from '../../../server/stuck-runs.ts';

const token = 'token-of-the-tests';

/** A problem as a client gets it. Without a `detail`, with any. */
export function problem(status: number, code: string, detail?: string): object {
  const type = `urn:kait:problem:${code}`;
  const any = expect.any(String) as string;
  return { type, title: any, status, code, detail: detail ?? any };
}

/** What `GET /status` answers when nothing is wrong. */
export const statusOfTests: StatusAnswer = {
  ...{ version: '1', installation: 'kait-test', receiver: 'http://127.0.0.1:8700', adminUrl: 'http://127.0.0.1:8701' },
  ...{ database: 'pglite', databaseAddress: null, sources: [], definitions: [], processes: [], taskQueues: [] },
  temporal: {
    ...{ address: '127.0.0.1:7233', namespace: 'default', problem: null, ui: null },
    searchAttributes: { state: 'complete' },
  },
  definitionsFrom: { from: 'files', set: null, problem: null, waits: null },
  ...{ faults: [], backlog: 0, waiting: 0, turns: { waiting: 0, blocked: 0 }, deliveries: { pending: 0, refused: 0 } },
  ...{ stuck: nothingStuck, runs: unknownRuns },
};

export interface Asked {
  method?: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'PUT' | 'PATCH' | 'OPTIONS';
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

export const testInstallation = { id: 'kait-test', sealKey: new Uint8Array(32) };

const never = () => Promise.reject(new Error('not expected'));

/** A store of endpoints that nobody may use. */
export const noEndpoints: EndpointStore = {
  ...{ add: never, list: never, get: never, edit: never, setState: never, rotate: never, remove: never },
  resealAll: never,
};

/** What lets people in at the console, which is not built. */
export function createTestConsole(database: Database, more: Partial<Parameters<typeof createConsoleAccess>[0]> = {}) {
  return createConsoleAccess({
    ...{ database, installation: testInstallation, adminToken: token, adminUrl: null, trustedProxies: [], oidc: null },
    files: () => Promise.resolve(new Map()),
    now: () => Date.now(),
    ...more,
  });
}

/** An API that does not listen yet. Using a dependency that `deps` leaves out fails. */
export function createTestApi(deps: Partial<Parameters<typeof createApi>[0]> & Pick<ApiDeps, 'database'>) {
  const authenticator = createAuthenticator({
    token,
    findKey: (id) => findApiKey(deps.database, id),
    readLink: (text) => readPortalToken(testInstallation, text),
    findGeneration: (tenant) => portalGeneration(deps.database, tenant),
    noteUse: (id) => void noteKeyUse(deps.database, id),
    now: () => Date.now(),
  });
  return createApi({
    authenticator,
    forgetKey: () => undefined,
    forgetTenant: (tenant) => authenticator.forgetTenant(tenant),
    checksAnswers: true,
    version: '1.2.3',
    hosts: ['kait.internal'],
    console: createTestConsole(deps.database),
    loginUrl: () => null,
    installation: testInstallation,
    served: { definitions: [], awaited: [], faulty: [] },
    workbench: () => {
      throw new Error('not expected');
    },
    testsBeside: never,
    samplesOf: never,
    eventCatalogue: () => ({ types: noEventTypes, scheduleMs: [] }),
    metrics: createMetrics(() => Promise.resolve(0)),
    log: pino({ level: 'silent' }),
    endpoints: noEndpoints,
    newSecretsKey: null,
    runStatus: never,
    lookAtRun: never,
    queryRuns: never,
    showsState: () => true,
    readRun: never,
    webUiOf: () => null,
    webUiOfActivity: () => null,
    decide: never,
    commandRun: never,
    endRun: never,
    activityInputs: () => ({}),
    retryRun: never,
    retryRuns: never,
    migrateRun: never,
    migrateRuns: never,
    askReplay: never,
    wakeReplays: () => undefined,
    wakeDispatcher: () => undefined,
    presets: new Map(),
    reread: never,
    definitionsFrom: () => 'files',
    publish: never,
    secretFaults: () => [],
    sourceNames: () => [],
    portal: { name: 'Webhooks', accent: '#3b4fd8', url: () => 'http://127.0.0.1:8701/portal' },
    gateways: {
      ...{ sources: () => [], unavailable: () => [], receiverUrl: () => 'http://127.0.0.1:8700' },
      ...{ samplesOf: () => Promise.resolve([]), canSign: () => true, test: never },
    },
    findMissing: never,
    about: never,
    figures: never,
    system: never,
    schedules: () => {
      throw new Error('not expected');
    },
    ...deps,
  });
}

/** The API without a socket. Using a dependency that `deps` leaves out fails. */
export function openApi(deps: Parameters<typeof createTestApi>[0]) {
  const api = createTestApi(deps);
  return async ({ method = 'GET', url, headers = {}, body }: Asked) => {
    const response = await api.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const isJson = /^application\/(problem\+)?json/.test(String(response.headers['content-type']));
    return { status: response.statusCode, body: isJson ? response.json<unknown>() : response.body };
  };
}
