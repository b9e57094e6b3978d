import { z } from 'zod';
import { type RetentionSubject, retentionTables } from '../../../storage/retention-subjects.ts';
import type { Sent } from '../define-route.ts';
import * as fields from '../fields.ts';

/* What `GET /system` answers: what `GET /status` does not say of the installation. No secrets. */

const milliseconds = z.int().nullable().describe('How long the answer took. Null: there was none.');

const rule = z.object({
  subject: z.enum(Object.keys(retentionTables) as RetentionSubject[]), // The keys of an object are typed as texts.
  source: z.string().nullable().describe('Null: it is not about a source.'),
  keepSeconds: z.number().nullable().describe('Null: forever. 0: until it expires by itself.'),
  atMost: z.int().nullable().describe('The most rows that are kept. Null: any number.'),
  untilForgotten: z.boolean().describe('Whether it stays until Temporal has forgotten its run, too.'),
  tables: z.array(z.string()).describe('Those that it is about.'),
  lastAt: fields.instant.nullable().describe('When this server applied it last. Null: not yet; another one may have.'),
  removed: z.int().nullable().describe('Rows that were deleted or emptied then.'),
});

const setting = z.object({
  name: z.string(),
  group: z.string(),
  meaning: z.string(),
  isSecret: z.boolean(),
  origin: z
    .enum(['default', 'environment', 'env-file', 'file'])
    .describe('`env-file`: .env. `file`: the one that `<NAME>_FILE` names.'),
  value: z.string().nullable().describe('Null: there is none, or it is a secret. Passwords in URLs are taken out.'),
});

export const systemAnswer = z
  .object({
    process: z
      .object({
        name: z.string().describe('Host and process id.'),
        startedAt: fields.instant,
        node: z.string(),
        platform: z.string(),
        memoryBytes: z.int().describe('Resident.'),
        heapBytes: z.int().describe('Of JavaScript, in use.'),
      })
      .describe('The server that answers.'),
    temporal: z.object({
      version: z.string().nullable(),
      answeredInMs: milliseconds,
      retentionHours: z.number().nullable().describe('How long the namespace keeps runs that have ended.'),
    }),
    database: z.object({
      problem: z.string().nullable().describe('Why it did not answer. Null: it did.'),
      version: z.string().nullable(),
      answeredInMs: milliseconds,
      bytes: z.int().nullable(),
      connections: z
        .object({ own: z.int(), open: z.int(), most: z.int() })
        .nullable()
        .describe('Of Kait, of everybody, and what the server takes. Null: the embedded database has one.'),
      oldestTransactionSeconds: z.number().nullable().describe('Null: none is open, or Kait may not see it.'),
      migrations: z
        .object({ applied: z.int(), known: z.int() })
        .nullable()
        .describe('Kait’s own. More applied ones than known ones: a newer Kait has migrated it.'),
      projectMigrations: z.object({ applied: z.int(), latest: z.string().nullable() }).nullable(),
    }),
    retention: z.object({
      everySeconds: z.int(),
      problem: z.string().nullable().describe('Why the last time has failed.'),
      rules: z.array(rule),
    }),
    settings: z.array(setting).describe('As they were when this server started.'),
    projectSettings: z
      .array(
        z.object({
          name: z.string(),
          value: z.string().describe('As JSON.'),
          origin: z.enum(['file', 'environment', 'env-file']).describe('`file`: settings.json.'),
        }),
      )
      .describe('What definitions see as `settings`.'),
  })
  .meta({ id: 'System' });

export type SystemAnswer = Sent<z.input<typeof systemAnswer>>;
