import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { firstFreePort } from './free-port.ts';

/** Who may see the Web UI: whoever has the session's value as a cookie, or a ticket to get it. */
export interface UiSession {
  /** The port of the Web UI on 127.0.0.1. */
  port: number;
  /** The value of the cookie. Stays the same over restarts, so that an open browser stays admitted. */
  cookie: string;
  isCookie(given: string): boolean;
  /** Returns a value that can be exchanged once for the cookie. The same one until somebody does, so that all links of a page work. */
  ticket(): string;
  /** Uses the ticket up. False if it was used before, or is not one. */
  redeem(ticket: string): boolean;
}

const record = z.object({ port: z.int().min(1).max(65_535), cookie: z.string().regex(/^[\w-]{43}$/) });

const preferredPort = 8233;

/** Opens the session that `file` holds, or creates it. Only the owner of the file can read it. */
export async function openUiSession(file: string): Promise<UiSession> {
  const known = readRecord(file);
  const port = await firstFreePort([known?.port, preferredPort]);
  const cookie = known?.cookie ?? randomValue();
  if (known?.port !== port) {
    writeFileSync(`${file}.new`, `${JSON.stringify({ port, cookie })}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  let ticket: string | null = null;
  return {
    port,
    cookie,
    isCookie: (given) => isSame(given, cookie),
    ticket: () => (ticket ??= randomValue()),
    redeem(given) {
      if (ticket === null || !isSame(given, ticket)) return false;
      ticket = null;
      return true;
    },
  };
}

function readRecord(file: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // The first start, or a damaged file.
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** 256 bits. */
function randomValue(): string {
  return randomBytes(32).toString('base64url');
}
