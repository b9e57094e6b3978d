import { KaitError } from '../../errors.ts';
import { type ApiClient, ApiRefusal } from '../api-client.ts';
import { readEventStream } from './read-event-stream.ts';

export interface FollowDeps {
  api: Pick<ApiClient, 'open'>;
  /** What is not a result. */
  note: (line: string) => void;
  pause: (ms: number) => Promise<void>;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * The events of a stream of the API, parsed, whichever server answers. The position is kept here, so that a connection that breaks, or a server that
 * restarts, neither loses an event nor doubles one. `pathOf` is asked for each connection. Throws if the first one fails, or if the server
 * refuses the request; ends only when the caller takes no more.
 */
export async function* followEvents<Event>(
  { api, note, pause }: FollowDeps,
  pathOf: () => string,
  greeting: string | null = null,
): AsyncGenerator<Event> {
  let lastId: string | null = null;
  let pauseMs = firstPauseMs;
  let isBroken = false;
  for (;;) {
    try {
      const headers: Record<string, string> = lastId === null ? {} : { 'last-event-id': lastId };
      const response = await api.open(pathOf(), { headers });
      if (isBroken) note('Connected again.');
      else if (lastId === null && greeting !== null) note(greeting);
      isBroken = false;
      pauseMs = firstPauseMs;
      for await (const { id, event, data } of readEventStream(response.body as unknown as AsyncIterable<Uint8Array>)) {
        if (event !== 'alive') yield JSON.parse(data) as Event; // The server's own types.
        lastId = id ?? lastId;
      }
      throw new Error('The connection ended.');
    } catch (error) {
      if ((lastId === null && !isBroken) || isFinal(error)) throw error;
      if (!isBroken) note(`${error instanceof Error ? error.message : String(error)} Trying again.`);
      isBroken = true;
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

/** What the caller must change. */
function isFinal(error: unknown): boolean {
  if (error instanceof ApiRefusal) return error.status < 500 && error.status !== 429;
  return error instanceof KaitError && error.code !== 'KAIT_NOT_RUNNING';
}
