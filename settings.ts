import { z } from 'zod';
import { networkSchema } from './http/networks.ts';
import { parseDuration } from './language/duration.ts';

/** One environment variable: how it is read and what the documentation says about it. */
export interface Setting<Value = unknown, Fallback extends string | null = string | null> {
  meaning: string;
  /** Completes "must be ...", and names the unit. */
  expects: string;
  /** As one would write it. Null where the setting has no value unless it is given. */
  default: Fallback;
  /** Never shown; may also come from a file named by `<NAME>_FILE`. */
  secret: boolean;
  schema: z.ZodType<Value, string>;
}

/** What a variable accepts. */
interface Kind<Value> {
  expects: string;
  schema: z.ZodType<Value, string>;
}

const setting = <Value, Fallback extends string | null>(
  kind: Kind<Value>,
  fallback: Fallback,
  meaning: string,
  options: { secret?: boolean } = {},
): Setting<Value, Fallback> => ({ meaning, ...kind, default: fallback, secret: options.secret ?? false });

const wholeNumber = (least: number, most: number, what = 'a whole number'): Kind<number> => ({
  expects: `${what} from ${least} to ${most}`,
  schema: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most)),
});

const sizeUnits = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Bytes. `least` and `most` are written as one would write the setting. */
const size = (least: string, most: string): Kind<number> => ({
  expects: `a size from ${least} to ${most}, such as 64KiB or 1MiB`,
  schema: z
    .string()
    .regex(/^\d{1,12}(?:B|KiB|MiB|GiB)?$/)
    .transform(bytesOf)
    .pipe(z.number().min(bytesOf(least)).max(bytesOf(most))),
});

function bytesOf(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(.*)$/.exec(text) ?? [];
  return Number(digits) * sizeUnits[unit as keyof typeof sizeUnits]; // The pattern lets no other unit through.
}

const url = (protocols: string[], example: string): Kind<string> => ({
  expects: `a URL such as ${example}`,
  schema: z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol)),
});

const listOf = <Item>(expects: string, item: (text: string) => Item): Kind<Item[]> => ({
  expects: `a comma-separated list of ${expects}`,
  schema: z.string().transform((text, context) => {
    try {
      return text.split(',').map((part) => item(part.trim()));
    } catch {
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }
  }),
});

const networks = listOf('networks such as 10.0.0.0/8', (part) => networkSchema.parse(part));

const text: Kind<string> = { expects: 'a text', schema: z.string() };
const folder: Kind<string> = { expects: 'the path of a folder', schema: z.string() };
const host: Kind<string> = { expects: 'an IP address or a host name', schema: z.string().regex(/^[\w.:-]+$/) };
const port = wholeNumber(0, 65_535, 'a port');
const address: Kind<string> = { expects: '<host>:<port>', schema: z.string().regex(/^[^\s/]+:\d{1,5}$/) };
const truth: Kind<string> = { expects: 'true or false', schema: z.enum(['true', 'false', '1', '0']) };
const sender: Kind<string> = {
  expects: 'an address such as Shop <shop@example.com>',
  schema: z.string().regex(/^(?:[^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/),
};
const logLevel: Kind<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'> = {
  expects: 'one of trace, debug, info, warn, error, silent',
  schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
};

/** Every variable that Kait reads, besides the secrets that `sources.json` and definitions name. The README's table comes from here. */
export const settingTable = {
  KAIT_HOME: setting(folder, '.kait', 'Where the embedded default keeps its database, Temporal’s state and mails.'),
  KAIT_DEFINITIONS: setting(folder, null, 'The definitions. Default: the folder `definitions` that comes with Kait.'),
  KAIT_HOST: setting(host, '127.0.0.1', 'Where the receiver listens; the container image sets 0.0.0.0.'),
  KAIT_PORT: setting(port, '8700', 'The receiver’s port; 0 takes any free one.'),
  KAIT_PUBLIC_URL: setting(
    url(['http:', 'https:'], 'https://hooks.example.com'),
    null,
    'How gateways reach the receiver, for the URLs that Kait shows. Default: its own address.',
  ),
  KAIT_TRUSTED_PROXIES: setting(
    networks,
    null,
    'Your proxies before the receiver: the only ones whose X-Forwarded-For is believed. Default: none.',
  ),
  KAIT_BODY_LIMIT: setting(size('1KiB', '16MiB'), '1MiB', 'Of a webhook’s body; larger ones get 413.'),
  KAIT_HEADER_LIMIT: setting(size('4KiB', '64KiB'), '16KiB', 'Of all headers of a request; more get 431.'),
  KAIT_MAX_CONNECTIONS: setting(
    wholeNumber(10, 100_000),
    '2000',
    'Connections to the receiver at once; one address may have three quarters of them.',
  ),
  KAIT_BACKLOG_LIMIT: setting(
    wholeNumber(1_000, 100_000_000),
    '1000000',
    'Events that may wait for Temporal; while there are more, webhooks get 503 and come again.',
  ),
  KAIT_DISK_RESERVE: setting(
    size('0', '1024GiB'),
    '256MiB',
    'Below this much free space for KAIT_HOME, as far as its database is there, webhooks get 503.',
  ),
  KAIT_ADMIN_HOST: setting(host, '127.0.0.1', 'Where the admin API listens. Keep it off public networks.'),
  KAIT_ADMIN_PORT: setting(port, '8701', 'The admin API’s port; 0 takes any free one.'),
  KAIT_ADMIN_URL: setting(
    url(['http:', 'https:'], 'http://10.0.0.5:8701'),
    null,
    'Where commands find the admin API of another machine. Default: the one that `kait up` left in KAIT_HOME.',
  ),
  KAIT_ADMIN_TOKEN: setting(
    { expects: 'at least 16 characters', schema: z.string().min(16) },
    null,
    'The secret that the admin API asks for.',
    { secret: true },
  ),
  DATABASE_URL: setting(
    url(['postgres:', 'postgresql:'], 'postgres://kait@db.example.com:5432/kait'),
    null,
    'The PostgreSQL database. Default: PGlite in KAIT_HOME. PGPASSWORD may hold the password.',
    { secret: true },
  ),
  DATABASE_CONNECTIONS: setting(wholeNumber(2, 1_000), '10', 'Connections to PostgreSQL at most, for each process.'),
  TEMPORAL_ADDRESS: setting(
    address,
    null,
    'The Temporal cluster. Default: an embedded server. All standard TEMPORAL_* variables apply.',
  ),
  TEMPORAL_NAMESPACE: setting(text, null, 'The namespace. Default: that of the profile, else `default`.'),
  TEMPORAL_PROFILE: setting(text, null, 'A profile of Temporal’s TOML file; names a cluster as well.'),
  TEMPORAL_CONFIG_FILE: setting(
    { ...text, expects: 'the path of a file' },
    null,
    'Temporal’s TOML file; names a cluster as well.',
  ),
  TEMPORAL_TLS: setting(truth, null, 'Whether the connection to Temporal is encrypted.'),
  TEMPORAL_API_KEY: setting(text, null, 'The API key of Temporal Cloud.', { secret: true }),
  TEMPORAL_CLI_PATH: setting(
    { ...text, expects: 'the path of a file' },
    null,
    'The executable of the embedded server. Default: looked for on PATH, else downloaded once.',
  ),
  KAIT_TEMPORAL_UI: setting(
    url(['http:', 'https:'], 'https://temporal.example.com'),
    null,
    'The cluster’s Web UI, for the links that Kait shows.',
  ),
  KAIT_TASK_QUEUE: setting(text, 'kait', 'The task queue of the runs; deliveries use `<name>-deliveries`.'),
  KAIT_INBOX_LIMIT: setting(
    wholeNumber(1, 1_000_000),
    '10000',
    'Webhooks that may wait for their commit at once; more get 503 and come again.',
  ),
  KAIT_DISPATCH_CONCURRENCY: setting(wholeNumber(1, 1_000), '16', 'Events that are handed to Temporal at once.'),
  KAIT_WORKER_ACTIVITIES: setting(wholeNumber(1, 10_000), '200', 'Network activities, and deliveries, at once.'),
  KAIT_WORKER_CACHE: setting(wholeNumber(0, 100_000), '1000', 'Runs kept in memory between steps; about 0.3 MB each.'),
  KAIT_WORKER_HEALTH_PORT: setting(
    port,
    null,
    'Where `kait worker` answers GET /healthz, on KAIT_HOST. Default: nowhere.',
  ),
  SMTP_URL: setting(
    url(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587'),
    null,
    'The mail server. Default: mails become files in KAIT_HOME.',
    { secret: true },
  ),
  KAIT_MAIL_FROM: setting(sender, 'Kait <kait@localhost>', 'The sender of mails.'),
  KAIT_OUTBOUND_ALLOW: setting(networks, null, 'Private networks that outbound webhooks may reach. Default: none.'),
  KAIT_OUTBOUND_SCHEDULE: setting(
    listOf('durations such as 30s, 5m, 24h', parseDuration),
    '0s,5s,5m,30m,2h,5h,10h,10h',
    'The pauses before each attempt of an outbound webhook.',
  ),
  LOG_LEVEL: setting(logLevel, 'info', 'The least level that is logged.'),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingTable;

type Table = typeof settingTable;

/** What each variable is read as; null where it has neither a value nor a default. */
export type SettingValues = {
  [Name in SettingName]: z.output<Table[Name]['schema']> | (Table[Name]['default'] extends string ? never : null);
};

/** The table as a list, for documentation. */
export const settings = Object.entries<Setting>(settingTable).map(
  ([name, { meaning, expects, default: fallback, secret }]) => ({ name, meaning, expects, default: fallback, secret }),
);
