import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import { z } from 'zod';
import { KaitError, type ErrorCode } from '../errors.ts';
import { printable } from '../language/printable.ts';
import { cutText } from '../language/well-formed.ts';
import type { paths } from './api-types.ts';
import { ownCommand } from './own-command.ts';
import { version } from './version.ts';

/**
 * The HTTP API of a running Kait, typed by its OpenAPI document. What is no success is thrown: wrap each call in `answerOf`. Each POST has
 * an idempotency key, so it is sent again if the connection was lost.
 */
export type ApiClient = Client<paths> & {
  /** Kait's version, as its last answer told it. Null: no answer yet. */
  serverVersion: () => string | null;
  /** Sends a request as it is, for answers that do not end. */
  open: (path: string, init?: RequestInit) => Promise<Response>;
};

/** The API's URL and a key. `kait up` writes them into the data folder, readable by its owner only. */
export interface ApiAccess {
  url: string;
  token: string;
}

/** What the API answered instead of success. */
export class ApiRefusal extends KaitError {
  readonly status: number;
  /** The problem's code: `not-found`. */
  readonly problem: string;

  constructor(code: ErrorCode, message: string, { status, problem }: { status: number; problem: string }) {
    super(code, message);
    this.status = status;
    this.problem = problem;
  }
}

export const apiAccessFile = (home: string) => join(home, 'admin.json');

const accessSchema = z.object({ url: z.string(), token: z.string() });
const problemSchema = z.object({
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ detail: z.string() })).optional(),
});

interface ClientOptions {
  /** How long an answer may take. Default: 45 s, as a run that is asked and then told something may take. */
  timeoutMs?: number | undefined;
  fetch?: (request: Request) => Promise<Response>;
}

/** Finds the running Kait: by KAIT_ADMIN_URL and KAIT_ADMIN_TOKEN if they are set, else by the file that `kait up` writes. */
export async function findApi(
  home: string,
  configured: ApiAccess | null,
  options: ClientOptions = {},
): Promise<ApiClient> {
  if (configured !== null) return apiClient(configured, options);
  try {
    return apiClient(accessSchema.parse(JSON.parse(await readFile(apiAccessFile(home), 'utf8'))), options);
  } catch (error) {
    throw notRunning(`${apiAccessFile(home)} is missing or unreadable`, error);
  }
}

export function apiClient(
  { url, token }: ApiAccess,
  { timeoutMs = 45_000, fetch: send = fetch }: ClientOptions = {},
): ApiClient {
  let serverVersion: string | null = null;
  const headers = { authorization: `Bearer ${token}` };

  async function ask(request: Request): Promise<Response> {
    if (request.method === 'POST') request.headers.set('idempotency-key', randomUUID());
    const bytes = request.body === null ? null : Buffer.from(await request.arrayBuffer());
    const { method, headers } = request;
    const once = () =>
      send(new Request(request.url, { method, headers, body: bytes, signal: AbortSignal.timeout(timeoutMs) }));
    const response = await untilAnswered(once, url);
    serverVersion = response.headers.get('kait-version') ?? serverVersion;
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  const client = createClient<paths>({ baseUrl: `${url}/api/v1`, headers, fetch: ask });
  return {
    ...client,
    serverVersion: () => serverVersion,
    async open(path, init = {}) {
      const all = { ...init, headers: { ...headers, ...(init.headers as Record<string, string> | undefined) } };
      const response = await send(new Request(`${url}/api/v1${path}`, all)).catch((error: unknown) => {
        throw notRunning(`nothing answers at ${url}`, error);
      });
      if (!response.ok) throw await refusalOf(response);
      return response;
    },
  };
}

/** The body of a success. */
export async function answerOf<Data>(asked: Promise<{ data?: Data; response: Response }>): Promise<Data> {
  try {
    const { data } = await asked;
    return data as Data; // Everything else was thrown.
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new KaitError('KAIT_ADMIN_REQUEST_FAILED', 'What answers at this address is not Kait: it sent no JSON.');
  }
}

/** Between two tries of a request whose connection was lost, or whose first try is still being worked on. */
const pausesMs = [200, 1_000, 3_000];

async function untilAnswered(once: () => Promise<Response>, url: string): Promise<Response> {
  for (const pauseMs of [...pausesMs, null]) {
    try {
      const response = await once();
      const isUnderWay = response.status === 409 && response.headers.has('retry-after');
      if (!isUnderWay || pauseMs === null) return response;
    } catch (error) {
      if (pauseMs === null || !wasCut(error)) throw notRunning(`nothing answers at ${url}`, error);
    }
    await pause(pauseMs);
  }
  throw new Error('The last try ends above');
}

/** The connection was there, and then lost: the server may have done what was asked. */
function wasCut(error: unknown): boolean {
  const { code = '' } = ((error as Error).cause ?? {}) as { code?: string };
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

async function refusalOf(response: Response): Promise<ApiRefusal> {
  const text = await response.text();
  const problem = problemSchema.safeParse(parsed(text));
  const { detail, code, errors = [] } = problem.success ? problem.data : { detail: cutText(text, 300), code: '' };
  const about = { status: response.status, problem: code };
  if (response.status === 401) {
    const message =
      'The running Kait does not accept this key. Set KAIT_ADMIN_TOKEN to an API key, or to the token that Kait was started with.';
    return new ApiRefusal('KAIT_ADMIN_REFUSED', message, about);
  }
  if (code === 'no-route' || !problem.success) {
    const message = `${detail} This is Kait ${version}. What answers is another version, or not Kait.`;
    return new ApiRefusal('KAIT_ADMIN_REQUEST_FAILED', message, about);
  }
  // Choosing one of them is what is to be done.
  const choices = code === 'several-runs' ? errors.map((each) => `\n  ${printable(each.detail)}`) : [];
  return new ApiRefusal('KAIT_ADMIN_REQUEST_FAILED', printable(detail) + choices.join(''), about);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notRunning(why: string, cause: unknown): KaitError {
  const message = `Kait is not running here (${why}). Start it with "${ownCommand('up')}", or set KAIT_ADMIN_URL and KAIT_ADMIN_TOKEN.`;
  return new KaitError('KAIT_NOT_RUNNING', message, { cause });
}
