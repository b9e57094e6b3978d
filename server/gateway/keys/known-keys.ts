import type { Logger } from 'pino';
import { mostProvenKeys } from '../../../storage/retention-subjects.ts';
import { createRateLimit } from '../../rate-limit.ts';
import type { FetchedKey, KeyAsker } from '../schemes/scheme.ts';
import { KeyGoneError } from './fetch-key.ts';
import { createUnprovenKeys } from './unproven-keys.ts';
import { createWaitingAddresses } from './waiting-addresses.ts';

/** A key whose address a genuine request has named. */
export interface ProvenKey {
  address: string;
  /** Null: the gateway says that it is gone. The address is asked again if another genuine request names it. */
  text: string | null;
  /** When the gateway said so. */
  fetchedAt: number;
  /** When it last verified a request, to the hour. */
  verifiedAt: number;
}

/** The keys that requests name by their addresses. */
export interface KnownKeys {
  /** Rejects if the key is unknown and cannot be fetched now. The next request may find it. */
  keyAt(address: string, asker: KeyAsker): Promise<FetchedKey>;
  /** Adds what this and other processes have stored. */
  load(keys: readonly ProvenKey[]): void;
  /** The proven keys that have changed since the last call. */
  takeChanged(): ProvenKey[];
  /** Fetches nothing more. */
  close(): void;
}

/** Gateways change their certificates every few months, and the addresses change with them. */
const freshMs = 24 * 60 * 60 * 1000;
/**
 * If the gateway cannot be asked, a proven key is used for this long. It outlasts a long weekend's outage; a key that the gateway
 * has taken back is forgotten as soon as the gateway says so, and after this time even if nobody can ask it.
 */
const usableMs = 7 * freshMs;
/** An address that has failed is not asked again before. Short, so that a hiccup of the gateway does not keep the genuine key away. */
const pauseMs = 15_000;
const mostPauses = 1_000;
const verifiedToMs = 60 * 60 * 1000;
/**
 * Forged requests name addresses too, if only on the preset's hosts. The limit keeps them from turning this process against the
 * gateway. Beyond it, unknown addresses wait for their turn, and their requests are answered with 503.
 */
const unknownLimit = { perSecond: 0.5, burst: 10 };

/**
 * A key that has verified a request is proven: it is kept past its time while it is fetched again, and strangers cannot displace it.
 * Each address is fetched once at a time, for all who wait for it.
 */
export function createKnownKeys(deps: {
  /** Fetches the text of a key: `fetchKeyText`. */
  fetch: (address: string) => Promise<string>;
  now: () => number;
  random: () => number;
  log: Pick<Logger, 'warn'>;
}): KnownKeys {
  const { now } = deps;
  const proven = new Map<string, ProvenKey>();
  const unproven = createUnprovenKeys({ now, keepMs: freshMs });
  const changed = new Set<string>();
  const flights = new Map<string, Promise<string>>();
  const pauses = new Map<string, number>();
  const waiting = createWaitingAddresses<KeyAsker>(deps);
  const unknownRate = createRateLimit(unknownLimit, now);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function keep(key: ProvenKey): void {
    proven.set(key.address, key);
    if (proven.size <= mostProvenKeys) return;
    const oldest = [...proven.values()].reduce((one, other) => (other.verifiedAt < one.verifiedAt ? other : one));
    proven.delete(oldest.address);
  }

  function noteVerified(address: string, text: string, fetchedAt: number): void {
    const known = proven.get(address);
    if (known !== undefined && now() - known.verifiedAt < verifiedToMs) return;
    keep(known === undefined ? { address, text, fetchedAt, verifiedAt: now() } : { ...known, verifiedAt: now() });
    changed.add(address);
    unproven.delete(address);
  }

  function noteFetched(address: string, text: string | null, sender: string): void {
    const known = proven.get(address);
    if (known === undefined && text !== null) unproven.add({ address, text, sender, fetchedAt: now() });
    if (known === undefined) return;
    keep({ ...known, text, fetchedAt: now() });
    changed.add(address);
  }

  function noteFailed(address: string, { sender }: KeyAsker, error: unknown): void {
    pauses.delete(address);
    pauses.set(address, now() + pauseMs);
    const [oldest] = pauses.keys();
    if (pauses.size > mostPauses && oldest !== undefined) pauses.delete(oldest);
    if (proven.has(address)) deps.log.warn({ address, err: error }, 'a known key could not be fetched again');
    if (error instanceof KeyGoneError) noteFetched(address, null, sender);
  }

  function start(address: string, asker: KeyAsker): Promise<string> {
    const flight = deps
      .fetch(address)
      .then((text) => {
        if (!asker.isKey(text)) throw new Error('the answer is not a key');
        noteFetched(address, text, asker.sender);
        return text;
      })
      .catch((error: unknown) => {
        noteFailed(address, asker, error);
        throw error;
      })
      .finally(() => flights.delete(address));
    flights.set(address, flight);
    return flight;
  }

  /** Rejects if the key may not be fetched now. */
  function fetchNow(address: string, asker: KeyAsker): Promise<string> {
    const flight = flights.get(address);
    if (flight !== undefined) return flight;
    if (closed) return Promise.reject(new Error('no more keys are fetched'));
    if ((pauses.get(address) ?? 0) > now())
      return Promise.reject(new Error('the key could not be fetched a moment ago'));
    // The pause is limit enough: only genuine requests have made it one of a few.
    if (proven.has(address)) return start(address, asker);
    if (waiting.size() === 0 && unknownRate.take() === 0) return start(address, asker);
    waiting.add(address, asker);
    drawLater();
    return Promise.reject(new Error('too many unknown keys were asked for'));
  }

  /** While addresses wait, only these draws use the limit up. */
  function drawLater(): void {
    if (closed || timer !== undefined || waiting.size() === 0) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        draw();
        drawLater();
      },
      Math.ceil(unknownRate.waitSeconds() * 1000),
    );
    timer.unref();
  }

  function draw(): void {
    if (unknownRate.waitSeconds() > 0) return;
    const next = waiting.take();
    if (next === undefined || flights.has(next.address) || (pauses.get(next.address) ?? 0) > now()) return;
    if (unproven.get(next.address) !== undefined || proven.has(next.address)) return;
    unknownRate.take();
    start(next.address, next.asker).catch(() => undefined); // Noted.
  }

  function found(address: string, asker: KeyAsker): { text: string; fetchedAt: number } | undefined {
    const known = proven.get(address);
    if (known === undefined) return unproven.get(address);
    const { text, fetchedAt } = known;
    const isUsable = text !== null && now() < fetchedAt + usableMs && asker.isKey(text);
    return isUsable ? { text, fetchedAt } : undefined;
  }

  return {
    async keyAt(address, asker) {
      const known = found(address, asker);
      const text = known?.text ?? (await fetchNow(address, asker));
      const fetchedAt = known?.fetchedAt ?? now();
      const refetched = now() < fetchedAt + freshMs ? null : fetchNow(address, asker);
      refetched?.catch(() => undefined); // Not everybody waits for it.
      return { text, refetched, noteVerified: (verifying) => noteVerified(address, verifying, fetchedAt) };
    },
    load(keys) {
      for (const stored of keys) {
        const known = proven.get(stored.address);
        // A clock that was ahead must not make a key last longer.
        const key = { ...stored, fetchedAt: Math.min(stored.fetchedAt, now()) };
        const newer = known === undefined || key.fetchedAt > known.fetchedAt ? key : known;
        const verifiedAt = Math.min(now(), Math.max(key.verifiedAt, known?.verifiedAt ?? 0));
        keep({ ...newer, verifiedAt });
      }
    },
    takeChanged() {
      const keys = [...changed].flatMap((address) => proven.get(address) ?? []);
      changed.clear();
      return keys;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
