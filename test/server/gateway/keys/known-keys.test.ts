import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../../chaos/random.ts';
import { KeyGoneError } from '../../../../server/gateway/keys/fetch-key.ts';
import { createKnownKeys, type KnownKeys, type ProvenKey } from '../../../../server/gateway/keys/known-keys.ts';

const genuine = 'https://api.paypal.com/v1/notifications/certs/CERT-1';
const paypal = { sender: '173.0.81.1', isKey: (text: string) => text.startsWith('key') };
const forger = { ...paypal, sender: '203.0.113.9' };
const seconds = 1_000;
const minutes = 60 * seconds;
const days = 24 * 60 * minutes;

/** What the gateway answers. Everything else is a 404. */
let certificates: Map<string, string | Error>;
let asked: string[];
let warnings: unknown[];
let opened: KnownKeys[];
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-27T00:00:00Z') });
  certificates = new Map([[genuine, 'key 1']]);
  [asked, warnings, opened] = [[], [], []];
});
afterEach(() => {
  opened.forEach((keys) => keys.close());
  vi.useRealTimers();
});

function open(stored: ProvenKey[] = [], seed = 1): KnownKeys {
  const random = createRandom(seed, 'keys');
  const keys = createKnownKeys({
    async fetch(address) {
      asked.push(address);
      await Promise.resolve();
      const answer = certificates.get(address) ?? new KeyGoneError('the key was answered with 404');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => Date.now(),
    random: () => random.between(0, 999_999) / 1_000_000,
    log: { warn: (fact: unknown) => warnings.push(fact) },
  });
  keys.load(stored);
  opened.push(keys);
  return keys;
}

const textAt = (keys: KnownKeys, address = genuine, asker = paypal) =>
  keys.keyAt(address, asker).then(
    ({ text }) => text,
    (error: unknown) => (error as Error).message,
  );

/** As a genuine webhook does. */
async function verify(keys: KnownKeys): Promise<boolean> {
  const key = await keys.keyAt(genuine, paypal).catch(() => null);
  key?.noteVerified(key.text);
  return key !== null;
}

/** Forged webhooks, each with an address of its own. */
async function forge(keys: KnownKeys, times: number, sender = forger.sender): Promise<void> {
  for (let left = times; left > 0; left -= 1) {
    const address = `https://api.paypal.com/v1/notifications/certs/FORGED-${asked.length}-${Date.now()}-${left}`;
    await textAt(keys, address, { ...forger, sender });
  }
}

/** One genuine webhook each second, among `forgedPerSecond`. Resolves to how many found their key. */
async function flood(keys: KnownKeys, { forgedPerSecond, genuineTimes }: Record<string, number>): Promise<number> {
  let accepted = 0;
  for (let left = genuineTimes!; left > 0; left -= 1) {
    await forge(keys, forgedPerSecond!);
    accepted += Number(await verify(keys));
    await vi.advanceTimersByTimeAsync(seconds);
  }
  return accepted;
}

describe('under two forged addresses a second', () => {
  const forged = { forgedPerSecond: 2, genuineTimes: 60 };

  it('a known key verifies all of 60 webhooks', async () => {
    const keys = open();
    await verify(keys);
    expect(await flood(keys, forged)).toBe(60);
  });

  it('it does so after a restart, from what was stored', async () => {
    const before = open();
    await verify(before);
    expect(await flood(open(before.takeChanged()), forged)).toBe(60);
    expect(asked.filter((address) => address === genuine)).toHaveLength(1);
  });

  it('it does so a day later, and is fetched again meanwhile', async () => {
    const keys = open();
    await verify(keys);
    await forge(keys, 30);
    await vi.advanceTimersByTimeAsync(days);
    expect(await flood(keys, forged)).toBe(60);
    expect(asked.filter((address) => address === genuine)).toHaveLength(2);
  });

  it('it does so after a restart two weeks later, whose first fetch is its own', async () => {
    const before = open();
    await verify(before);
    const stored = before.takeChanged();
    await vi.advanceTimersByTimeAsync(14 * days);
    const keys = open(stored);
    await forge(keys, 30);
    expect(await flood(keys, forged)).toBe(60);
  });
});

describe('at the first start, with nothing stored', () => {
  /** Whether two tries five minutes apart succeed: the gateway sends again. */
  async function twoTries(forgedPerSecond: number, forgers: number, seed: number): Promise<boolean[]> {
    const keys = open([], seed);
    await forge(keys, 40);
    const first = await verify(keys);
    for (let second = 0; second < 300; second += 1) {
      await forge(keys, forgedPerSecond, `203.0.113.${second % forgers}`);
      await vi.advanceTimersByTimeAsync(seconds);
    }
    return [first, await verify(keys)];
  }

  it.each([
    { forgedPerSecond: 2, forgers: 1 },
    { forgedPerSecond: 10, forgers: 1 },
    { forgedPerSecond: 2, forgers: 20 },
  ])('the second try succeeds among $forgedPerSecond forged a second from $forgers senders', async (among) => {
    const tries: boolean[][] = [];
    for (let seed = 1; seed <= 8; seed += 1) tries.push(await twoTries(among.forgedPerSecond, among.forgers, seed));
    expect(tries).toEqual(Array.from({ length: 8 }, () => [false, true]));
  });
});

it('fetches a key once for a hundred requests at the same time', async () => {
  const keys = open();
  const texts = await Promise.all(Array.from({ length: 100 }, () => textAt(keys)));
  expect(new Set(texts)).toEqual(new Set(['key 1']));
  expect(asked).toEqual([genuine]);
});

it('does not ask again within 15 seconds for a key that has failed', async () => {
  const keys = open();
  certificates.set(genuine, new Error('the key was answered with 503'));
  expect(await textAt(keys)).toBe('the key was answered with 503');
  certificates.set(genuine, 'key 1');
  expect(await textAt(keys)).toBe('the key could not be fetched a moment ago');
  await vi.advanceTimersByTimeAsync(15 * seconds);
  expect(await textAt(keys)).toBe('key 1');
  expect(asked).toHaveLength(2);
});

it('keeps no answer that is not a key', async () => {
  const keys = open();
  certificates.set(genuine, '<html>maintenance');
  expect(await textAt(keys)).toBe('the answer is not a key');
  certificates.set(genuine, 'key 1');
  await vi.advanceTimersByTimeAsync(15 * seconds);
  expect(await textAt(keys)).toBe('key 1');
});

it('asks for ten unknown addresses at once, then for one every two seconds', async () => {
  const keys = open();
  await forge(keys, 30);
  expect(asked).toHaveLength(10);
  await vi.advanceTimersByTimeAsync(20 * seconds);
  expect(asked).toHaveLength(20);
});

describe('a known key past its time', () => {
  async function pastItsTime(answer: string | Error): Promise<KnownKeys> {
    const keys = open();
    await verify(keys);
    keys.takeChanged();
    certificates.set(genuine, answer);
    await vi.advanceTimersByTimeAsync(days);
    return keys;
  }

  it('is used at once, and tells what it has become', async () => {
    const keys = await pastItsTime('key 2');
    const { text, refetched } = await keys.keyAt(genuine, paypal);
    expect(text).toBe('key 1');
    expect(await refetched).toBe('key 2');
    expect(await keys.keyAt(genuine, paypal)).toMatchObject({ text: 'key 2', refetched: null });
    expect(keys.takeChanged()).toMatchObject([{ address: genuine, text: 'key 2', fetchedAt: Date.now() }]);
  });

  it.each([[new Error('ECONNREFUSED')], ['<html>maintenance']])(
    'is used for a week while the gateway answers %s',
    async (answer) => {
      const keys = await pastItsTime(answer);
      await vi.advanceTimersByTimeAsync(6 * days - 1);
      expect(await textAt(keys)).toBe('key 1');
      await vi.advanceTimersByTimeAsync(1);
      expect(await textAt(keys)).not.toBe('key 1');
      expect(warnings).toHaveLength(1);
    },
  );

  it('is forgotten once the gateway says that it is gone, also by others', async () => {
    const keys = await pastItsTime(new KeyGoneError('the key was answered with 410'));
    expect(await textAt(keys)).toBe('key 1');
    await vi.advanceTimersByTimeAsync(0);
    expect(await textAt(keys)).toBe('the key could not be fetched a moment ago');
    const stored = keys.takeChanged();
    expect(stored).toMatchObject([{ address: genuine, text: null }]);
    expect(await textAt(open(stored))).toBe('the key was answered with 410');
  });

  it('is asked for every 15 seconds at most while the gateway is down', async () => {
    const keys = await pastItsTime(new Error('ECONNREFUSED'));
    await flood(keys, { forgedPerSecond: 0, genuineTimes: 60 });
    expect(asked.filter((address) => address === genuine)).toHaveLength(1 + 4);
  });
});

describe('stored keys', () => {
  const stored = (changes: Partial<ProvenKey> = {}): ProvenKey => ({
    ...{ address: genuine, text: 'key 1', fetchedAt: Date.now(), verifiedAt: Date.now() },
    ...changes,
  });

  it('that are no keys are fetched', async () => {
    expect(await textAt(open([stored({ text: 'garbage' })]))).toBe('key 1');
    expect(asked).toEqual([genuine]);
  });

  it('last no longer if they come from the future', async () => {
    const keys = open([stored({ text: 'key 0', fetchedAt: Date.now() + 900 * days, verifiedAt: Date.now() + days })]);
    await vi.advanceTimersByTimeAsync(days);
    expect(await (await keys.keyAt(genuine, paypal)).refetched).toBe('key 1');
  });

  it('replace older ones of another process, and are not replaced by older ones', async () => {
    const keys = open([stored()]);
    keys.load([stored({ text: 'key 0', fetchedAt: Date.now() - days })]);
    expect(await textAt(keys)).toBe('key 1');
    await vi.advanceTimersByTimeAsync(1);
    keys.load([stored({ text: 'key 2' })]);
    expect(await textAt(keys)).toBe('key 2');
  });

  it('are a hundred: those that have verified something last', async () => {
    const addresses = Array.from({ length: 101 }, (_, index) => `${genuine}-${index}`);
    const keys = open(addresses.map((address, index) => stored({ address, verifiedAt: Date.now() - index })));
    expect(await textAt(keys, addresses[99])).toBe('key 1');
    expect(await textAt(keys, addresses[100])).toBe('the key was answered with 404');
  });
});

it('stores a key once an hour at most, and only if it has verified something', async () => {
  const keys = open();
  await textAt(keys);
  expect(keys.takeChanged()).toEqual([]);
  await verify(keys);
  expect(keys.takeChanged()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60 * minutes - 1);
  await verify(keys);
  expect(keys.takeChanged()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await verify(keys);
  expect(keys.takeChanged()).toHaveLength(1);
});

it('keeps an unproven key although a forger names two hundred others that exist', async () => {
  const keys = open();
  await textAt(keys);
  const others = Array.from({ length: 200 }, (_, index) => `${genuine}-${index}`);
  for (const address of others) {
    certificates.set(address, 'key x');
    await textAt(keys, address, forger);
    await vi.advanceTimersByTimeAsync(2 * seconds);
  }
  expect(await textAt(keys)).toBe('key 1');
  expect(asked.filter((address) => address === genuine)).toHaveLength(1);
});
