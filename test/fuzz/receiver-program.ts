import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { runChildProgram } from '../../bench/child-program.ts';
import { createByteBudget } from '../../server/receiver/byte-budget.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { createInbox } from '../../server/inbox.ts';
import { createMetrics } from '../../server/metrics.ts';
import { createReceiver } from '../../server/receiver/receiver.ts';
import { addRejectionCounts, addRejectionSamples, createRejections } from '../../server/receiver/rejections.ts';
import { createSourceRegistry } from '../../server/source-registry.ts';
import type { Database } from '../../storage/database.ts';
import { openPGlite } from '../../storage/open-pglite.ts';
import { nowMs, presetsFolder } from '../server/gateway/gateways.ts';

/** A source to be mounted, as it travels between processes. */
export interface FuzzedSource {
  gateway: string;
  settings: Record<string, string>;
  /** The keyring as a list, since messages between processes hold no maps. */
  credentials: { secrets: readonly string[]; keyring: [string, string][] };
  pathSecrets: string[] | null;
}

export type Question = { mount: FuzzedSource[] } | 'memory' | 'inbox';

export interface Memory {
  rssBytes: number;
  heapBytes: number;
}

/** `<source> <SHA-256 of the body>` of every event that was stored, once each. */
export type StoredBodies = string[];

/** How long a client may take: short, so that those who never end do not hold the run up. */
const requestTimeoutMs = 1_000;

/** The receiver that is fuzzed, over a database in memory: the one of production but for Temporal, which it never meets. */
await runChildProgram(async () => {
  const database = await openPGlite('memory');
  const sources = createSourceRegistry(new Map());
  const rejections = createRejections({
    addCounts: (counts) => addRejectionCounts(database, counts),
    addSamples: (samples) => addRejectionSamples(database, samples),
    log: pino(),
    now: () => new Date(),
  });
  const receiver = createReceiver({
    sources,
    inbox: createInbox({ database, wantsClaim: () => false, onStored: () => undefined }),
    isWanted: () => true,
    metrics: createMetrics(() => Promise.resolve(0)),
    rejections,
    overload: { shortage: () => null, noteQueueFull: () => undefined },
    bodies: createByteBudget({ total: 64 * 2 ** 20, each: 64 * 2 ** 20 }),
    limits: { bodyBytes: 2 ** 20, headerBytes: 16 * 2 ** 10, connections: 2_000, requestTimeoutMs },
    trustedProxies: [],
    log: pino({ level: 'error' }),
    now: () => nowMs,
  });
  await receiver.listen({ host: '127.0.0.1', port: 0 });
  rejections.start();
  const address = receiver.server.address();
  return {
    ready: { port: typeof address === 'object' ? address?.port : undefined },
    async answer(question: Question) {
      if (question === 'memory') return memory();
      if (question === 'inbox') return storedBodies(database);
      sources.replace(await mount(question.mount));
      return null;
    },
    async stop() {
      await receiver.close();
      await rejections.stop();
      await database.close();
    },
  };
});

async function mount(fuzzed: FuzzedSource[]): Promise<Map<string, Source>> {
  const presets = await loadPresets(presetsFolder);
  const sources = fuzzed.map(({ gateway, settings, credentials, pathSecrets }): Source => {
    const { keyring } = credentials;
    return {
      ...{ name: gateway, preset: presets.get(gateway)!, settings, pathSecrets },
      credentials: { ...credentials, keyring: new Map(keyring) },
      ...{ paths: [], allowFrom: null, rateLimit: null, addressRateLimit: null },
      ...{
        keepBodiesMs: null,
        keepEventsMs: null,
        keepHeaders: [],
        confirm: false,
        test: true,
        reconcileEveryMs: null,
        secretFaults: [],
      },
      completes: false,
    };
  });
  return new Map(sources.map((source) => [source.name, source]));
}

/** After collecting garbage: what is kept, not what lies about. */
function memory(): Memory {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed };
}

async function storedBodies(database: Database): Promise<StoredBodies> {
  const rows = await database.run<{ source: string; body: Uint8Array }>(
    'stored',
    'select source, bytes as body from bodies',
    [],
  );
  return [...new Set(rows.map(({ source, body }) => `${source} ${createHash('sha256').update(body).digest('hex')}`))];
}
