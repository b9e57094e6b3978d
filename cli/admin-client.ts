import { cutText } from '../language/well-formed.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../errors.ts';
import { ownCommand } from './own-command.ts';

/** Calls the admin API of a running Kait. */
export interface AdminClient {
  get(path: string): Promise<unknown>;
  /** Waits for the answer for 15 s, or as long as is said. */
  post(path: string, body: unknown, timeoutMs?: number): Promise<unknown>;
  /** Resolves to false if there was nothing to delete. */
  delete(path: string): Promise<boolean>;
}

/** The admin API's URL and token. `kait up` writes them into the data folder, readable by its owner only. */
export interface AdminAccess {
  url: string;
  token: string;
}

export const adminAccessFile = (home: string) => join(home, 'admin.json');

const accessSchema = z.object({ url: z.string(), token: z.string() });
const problemSchema = z.object({ detail: z.string() });

/** Finds the running Kait: by KAIT_ADMIN_URL and KAIT_ADMIN_TOKEN if they are set, else by the file that `kait up` writes. */
export async function findAdmin(home: string, configured: AdminAccess | null): Promise<AdminClient> {
  if (configured !== null) return adminClient(configured);
  try {
    return adminClient(accessSchema.parse(JSON.parse(await readFile(adminAccessFile(home), 'utf8'))));
  } catch (error) {
    throw notRunning(`${adminAccessFile(home)} is missing or unreadable`, error);
  }
}

function adminClient({ url, token }: AdminAccess): AdminClient {
  async function request(method: string, path: string, body?: unknown, timeoutMs = 15_000): Promise<Response> {
    const authorization = `Bearer ${token}`;
    const init = { method, headers: { authorization }, signal: AbortSignal.timeout(timeoutMs) };
    const headers = { authorization, 'content-type': 'application/json' };
    try {
      return await fetch(url + path, body === undefined ? init : { ...init, headers, body: JSON.stringify(body) });
    } catch (error) {
      throw notRunning(`nothing answers at ${url}`, error);
    }
  }
  return {
    get: async (path) => answerOf(await request('GET', path)),
    post: async (path, body, timeoutMs) => answerOf(await request('POST', path, body, timeoutMs)),
    async delete(path) {
      const response = await request('DELETE', path);
      if (response.status === 404) return false;
      if (!response.ok) await answerOf(response);
      return true;
    },
  };
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as unknown;
  const problem = problemSchema.safeParse(parsed(text));
  const message = problem.success ? problem.data.detail : cutText(text, 300);
  if (response.status === 401)
    throw new KaitError(
      'KAIT_ADMIN_REFUSED',
      'The running Kait does not accept this admin token. Set KAIT_ADMIN_TOKEN to the one it was started with.',
    );
  throw new KaitError('KAIT_ADMIN_REQUEST_FAILED', message);
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
