import { z } from 'zod';
import type { Sent } from '../define-route.ts';
import * as fields from '../fields.ts';

/* What `GET /status` answers, for `kait status`, for a console and for scripts. Addresses and versions, no secrets. */

const pile = z
  .object({
    count: z.int(),
    oldest: fields.instant
      .nullable()
      .describe('Since when the oldest is there. Null: none is there, or it is unknown.'),
  })
  .meta({ id: 'Pile' });

/** Null: Temporal did not say. */
const runs = pile.nullable();

const fault = z
  .object({
    kind: z.enum([
      ...['definition', 'activity', 'preset', 'source', 'mail-template', 'event-type'],
      ...['secrets', 'settings', 'people'],
    ] as const),
    what: z.string().describe("The file's path in the definitions folder, or a part of it."),
    problem: z.string().describe('As `kait validate` says it. May have several lines.'),
    meanwhile: z.string().describe('What Kait does until it is corrected.'),
  })
  .meta({ id: 'Fault' });

const publishedSet = z.object({
  id: z.int(),
  hash: z.string(),
  author: z.string(),
  note: z.string(),
  publishedAt: fields.instant,
  activeAt: fields.instant.nullable(),
});

const searchAttributes = z.union([
  z.object({ state: z.enum(['complete', 'unknown']) }),
  z.object({
    state: z.literal('incomplete'),
    missing: z.array(z.string()),
    wrongType: z.array(z.string()),
    reason: z.string().nullable().describe('Why Kait could not create the missing ones.'),
    commands: z.array(z.string()).describe('What creates them.'),
  }),
]);

const runningProcess = z.object({
  id: z.string(),
  kind: z.enum(['server', 'worker']),
  name: z.string().describe('Host and process id.'),
  version: z.string().describe('Of Kait.'),
  follows: z.enum(['files', 'published']),
  serves: z.int().nullable().describe('The published set that it serves. Null: its folder.'),
  servesSince: fields.instant,
  ready: z.int().nullable().describe('The newest published set that it has read and could serve.'),
  problem: z.string().nullable().describe('Why it does not serve the newest set.'),
  notes: z.array(z.string()).describe('What is different in it from what the set was made for.'),
  seenAt: fields.instant,
});

export const statusAnswer = z
  .object({
    version: z.string().describe('Of Kait.'),
    installation: z.string(),
    receiver: z.string().describe('The URL at which gateways reach Kait.'),
    adminUrl: z.string().describe('The URL of this API.'),
    database: z.enum(['pglite', 'postgres']),
    databaseAddress: z.string().nullable().describe('Null: it is in the data folder.'),
    temporal: z.object({
      address: z.string().nullable(),
      namespace: z.string(),
      problem: z.string().nullable().describe('Why runs cannot be started there.'),
      ui: z.string().nullable(),
      searchAttributes,
    }),
    sources: z.array(z.string()),
    definitions: z.array(z.string()),
    definitionsFrom: z.object({
      from: z.enum(['files', 'published']),
      set: publishedSet.nullable(),
      problem: z.string().nullable(),
      waits: z.string().nullable().describe('For what the newest set waits.'),
    }),
    processes: z.array(runningProcess),
    taskQueues: z.array(
      z.object({
        name: z.string(),
        serves: z.string(),
        state: z.enum(['served', 'unserved', 'unknown']),
        lastAskedAt: fields.instant.nullable().describe('When a worker last asked for work.'),
        workers: z
          .array(z.object({ name: z.string(), lastAskedAt: fields.instant }))
          .describe('Those that have asked in the last five minutes, by their names in Temporal. At most 50.'),
      }),
    ),
    faults: z.array(fault),
    backlog: z.int().describe('Events that wait for Temporal.'),
    waiting: z.int().describe('Events that wait until a mistake is corrected.'),
    turns: z.object({ waiting: z.int(), blocked: z.int() }),
    deliveries: z.object({ pending: z.int(), refused: z.int() }),
    stuck: z
      .object({
        events: z.object({ pending: pile, queued: pile, waiting: pile, failed: pile, unreadable: pile }),
        approvals: pile,
        deliveries: z.object({ pending: pile, started: pile, parked: pile, refused: pile, exhausted: pile }),
        silent: z
          .array(z.object({ source: z.string(), last: fields.instant, longestPauseSeconds: z.int() }))
          .describe('Sources that have sent nothing genuine for unusually long.'),
        endpoints: z
          .array(
            z.object({
              ...{ id: z.string(), url: z.string(), tenant: z.string().nullable() },
              condition: z.enum(['disabled', 'open', 'failing']),
              reason: z.string().nullable().describe('Why it is disabled.'),
              since: fields.instant.nullable().describe('Since when every attempt has failed.'),
            }),
          )
          .describe(
            'Endpoints that get nothing now, or whose every attempt has failed for ten minutes; without those that somebody has paused. At most 50. `open`: so many attempts have failed that nothing is sent for now.',
          ),
        rejected: z
          .array(z.object({ source: z.string(), reason: z.string(), count: z.int(), last: fields.instant }))
          .describe('Rejected requests of the last hour, as far as they were sampled.'),
      })
      .describe('Each counted up to 100,000.'),
    runs: z
      .object({
        ...{ running: runs, waiting: runs, approval: runs, parked: runs, paused: runs, undoing: runs },
        failed: runs.describe(
          'In the last seven days, and not retried since. Without child runs that a run waits for.',
        ),
      })
      .describe('Null: Temporal did not say. `oldest` is when the oldest was started, or has failed.'),
  })
  .meta({ id: 'Status' });

export type StatusAnswer = Sent<z.input<typeof statusAnswer>>;
