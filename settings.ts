import { z } from 'zod';
import { networkSchema } from './http/networks.ts';
import { isBypass } from './http/proxy-bypass.ts';
import { isLoopback } from './language/loopback.ts';
import { isLocale, isTimeZone } from './language/locales.ts';
import { isMailbox } from './language/mailbox.ts';
import { parseDuration } from './language/time.ts';
import { readRoleRule } from './server/console/oidc-roles.ts';
import { parseSecretKeys } from './storage/secret-keys.ts';

/** How an environment variable is read, and what the documentation says about it. */
export interface Setting<Value = unknown, Fallback extends string | null = string | null> {
  /** Whole sentences: what it is, its unit, and what happens at the limit or without a value. */
  meaning: string;
  /** Completes "must be ..." and names the unit. */
  expects: string;
  /** As a user would write it. Null if there is no default. */
  default: Fallback;
  /** Never shown, and may come from a file that `<NAME>_FILE` names. */
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

/** A number of bytes. `least` and `most` are written as in the setting. */
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

/** In milliseconds. */
const durationFrom = (least: string, most: string): Kind<number> => ({
  expects: `a duration from ${least} to ${most}, such as 30s, 5m, 24h or 7d`,
  schema: z.string().transform((text, context) => {
    try {
      const ms = parseDuration(text);
      if (ms >= parseDuration(least) && ms <= parseDuration(most)) return ms;
    } catch {
      // Reported like one that is too long.
    }
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  }),
});

const networks = listOf('networks such as 10.0.0.0/8', (part) => networkSchema.parse(part));

const hostNames = listOf('host names such as kait.internal', (part) =>
  z
    .string()
    .regex(/^[\w.-]{1,253}$/)
    .parse(part),
);

const bypasses = listOf('host names, domains such as .internal, and networks', (part) =>
  z.string().refine(isBypass).parse(part),
);

const proxyUrl: Kind<string> = {
  expects: 'a URL such as http://user:password@proxy.example.com:3128, without a path',
  schema: z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, username, password, pathname, search, hash } = new URL(text);
    const isEncoded = !/%(?![\da-f]{2})/i.test(username + password);
    return /^https?:$/.test(protocol) && isEncoded && /^\/?$/.test(pathname) && search === '' && hash === '';
  }),
};

const text: Kind<string> = { expects: 'text', schema: z.string() };
const installationId: Kind<string> = {
  // The task queue of `shop-deliveries` would be the one of the deliveries of `shop`. So with `shop-large`.
  expects:
    '2 to 40 lower-case letters, digits and hyphens, such as shop-staging, and must not end in -deliveries or -large',
  schema: z.string().regex(/^(?!.*-(?:deliveries|large)$)[a-z0-9][a-z0-9-]{1,39}$/),
};
const origins = listOf('origins such as https://app.example.com', (part) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text)
    .parse(part),
);
const shortText: Kind<string> = {
  expects: 'text of 1 to 60 characters',
  schema: z.string().regex(/^[^\p{Cc}\p{Cs}]{1,60}$/u),
};
const colour: Kind<string> = {
  expects: 'a color such as #3b4fd8',
  schema: z.string().regex(/^#[0-9a-fA-F]{6}$/),
};
const folder: Kind<string> = { expects: 'the path of a folder', schema: z.string() };
const host: Kind<string> = { expects: 'an IP address or a host name', schema: z.string().regex(/^[\w.:-]+$/) };
const port = wholeNumber(0, 65_535, 'a port');
const address: Kind<string> = { expects: '<host>:<port>', schema: z.string().regex(/^[^\s/]+:\d{1,5}$/) };
const flag: Kind<boolean> = {
  expects: 'true or false',
  schema: z.enum(['true', 'false']).transform((text) => text === 'true'),
};
const truth: Kind<string> = { expects: 'true or false', schema: z.enum(['true', 'false', '1', '0']) };
const mailServer: Kind<string> = {
  expects: 'a URL such as smtp://user:password@mail.example.com:587, without parameters',
  schema: z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
    const isServer = (protocol === 'smtp:' || protocol === 'smtps:') && /^[\w.:[\]-]+$/.test(hostname);
    const isEncoded = !/%(?![\da-f]{2})/i.test(username + password);
    return isServer && isEncoded && /^\/?$/.test(pathname) && search === '' && hash === '';
  }),
};
const sender: Kind<string> = {
  expects: 'an address such as Shop <shop@example.com>',
  schema: z.string().regex(/^(?:[^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/),
};
const mailAddress: Kind<string> = {
  expects: 'one address such as ops@example.com',
  schema: z.string().refine(isMailbox),
};
const locale: Kind<string> = {
  expects: 'a language and a region such as id-ID',
  schema: z.string().refine(isLocale),
};
const timeZone: Kind<string> = {
  expects: 'a time zone such as Asia/Jakarta',
  schema: z.string().refine(isTimeZone),
};
const logLevel: Kind<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'> = {
  expects: 'one of trace, debug, info, warn, error, silent',
  schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
};

/** It travels in a header, and through the form in which one logs in to the console: see `session-routes.ts`. */
const adminToken: Kind<string> = {
  expects: '16 to 1,000 printable ASCII characters, without a space at either end',
  schema: z
    .string()
    .min(16)
    .max(1_000)
    .regex(/^[\x21-\x7e][\x20-\x7e]*[\x21-\x7e]$/),
};
const definitionsFrom: Kind<'files' | 'published'> = {
  expects: 'files or published',
  schema: z.enum(['files', 'published']),
};

const issuerUrl: Kind<string> = {
  expects: 'a URL such as https://id.example.com/realms/shop, with http only on this machine',
  schema: z.string().refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, host, username, password, search, hash } = new URL(text);
    const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(host));
    return isSafe && username + password + search + hash === '';
  }),
};

const roleRules = listOf('rules such as groups=payments:operator, with viewer, operator or admin', (part) => {
  const rule = readRoleRule(part);
  if (rule === null) throw new Error('not a rule');
  return rule;
});

/** Every variable that Kait reads except the secrets named in `sources.json` and in definitions, by the headings of `docs/CONFIGURATION.md`. */
const groups = {
  General: {
    KAIT_HOME: setting(
      folder,
      '.kait',
      'The folder for the embedded database, Temporal’s state and mails saved as files.',
    ),
    KAIT_DEFINITIONS: setting(
      folder,
      null,
      'The folder that holds the definitions. Default: `definitions` in the working folder or, without that, the folder that Kait comes with.',
    ),
    KAIT_DEFINITIONS_FROM: setting(
      definitionsFrom,
      'files',
      'Where `kait server` and `kait worker` get the definitions. `files`: from the definitions folder, when they start. `published`: from the set that `kait publish` recorded last. The processes follow each new set, and use the folder only until the first one.',
    ),
    KAIT_MIGRATIONS: setting(
      folder,
      null,
      'The folder with the SQL files that create the tables for your own activities. Default: `migrations` beside the definitions folder.',
    ),
    LOG_LEVEL: setting(logLevel, 'info', 'The lowest level that is logged. `silent` turns the log off.'),
  },
  Receiver: {
    KAIT_HOST: setting(
      host,
      '127.0.0.1',
      'The address on which the receiver listens. The container image sets it to 0.0.0.0.',
    ),
    KAIT_PORT: setting(port, '8700', 'The port on which the receiver listens. 0 picks any free port.'),
    KAIT_PUBLIC_URL: setting(
      url(['http:', 'https:'], 'https://hooks.example.com'),
      null,
      'The URL at which gateways reach the receiver. Kait shows it in webhook URLs and uses it to verify signatures that cover the URL. Links in approval mails and callback URLs start with it, so set it for workers too. Without it, webhook URLs show the address on which the receiver listens, mails have no links, and webhooks that need an answer are not sent.',
    ),
    KAIT_TRUSTED_PROXIES: setting(
      networks,
      null,
      'The proxies in front of the receiver. Kait believes X-Forwarded-For and Forwarded (RFC 7239) only from these. If a request has both, Kait believes only what both agree on. By default it trusts no proxy.',
    ),
    KAIT_BODY_LIMIT: setting(
      size('1KiB', '16MiB'),
      '1MiB',
      'The largest webhook body. A larger one is rejected with 413.',
    ),
    KAIT_HEADER_LIMIT: setting(
      size('4KiB', '64KiB'),
      '16KiB',
      'The largest total size of a request’s headers. A request with more is rejected with 431.',
    ),
    KAIT_MAX_CONNECTIONS: setting(
      wholeNumber(10, 100_000),
      '2000',
      'The most connections that the receiver keeps open at once. It closes further ones. One address may hold three quarters of them.',
    ),
    KAIT_INBOX_LIMIT: setting(
      wholeNumber(1, 1_000_000),
      '10000',
      'The most webhooks that may wait at once to be committed to the database. Further ones are rejected with 503, and the gateway sends them again.',
    ),
    KAIT_BACKLOG_LIMIT: setting(
      wholeNumber(1_000, 100_000_000),
      '1000000',
      'The most stored events that may wait for Temporal. At this limit, webhooks are rejected with 503, and the gateway sends them again.',
    ),
    KAIT_DISK_RESERVE: setting(
      size('0', '1024GiB'),
      '256MiB',
      'The free space to leave on the disk of KAIT_HOME if the embedded database is there. With less, Kait rejects webhooks with 503.',
    ),
  },
  'HTTP API': {
    KAIT_ADMIN_HOST: setting(
      host,
      '127.0.0.1',
      'The address on which the HTTP API listens. Keep it off public networks.',
    ),
    KAIT_ADMIN_PORT: setting(port, '8701', 'The port on which the HTTP API listens. 0 picks any free port.'),
    KAIT_PORTAL_ORIGINS: setting(
      origins,
      null,
      'The sites whose pages may show the tenants’ portal in a frame. Default: none.',
    ),
    KAIT_PORTAL_NAME: setting(shortText, 'Webhooks', 'The name of the tenants’ portal, shown in its heading.'),
    KAIT_PORTAL_ACCENT: setting(
      colour,
      '#3b4fd8',
      'The color of buttons and links in the tenants’ portal. Kait makes it lighter or darker if it would be hard to read.',
    ),
    KAIT_ADMIN_HOSTS: setting(
      hostNames,
      null,
      'The host names at which clients may reach the API, besides addresses, `localhost`, KAIT_ADMIN_HOST and the name in KAIT_ADMIN_URL. Any other name is refused with 421, because a web page could make it resolve to this address.',
    ),
    KAIT_ADMIN_URL: setting(
      url(['http:', 'https:'], 'http://10.0.0.5:8701'),
      null,
      'The URL of the API that commands use. By default they use the one that `kait up` recorded in KAIT_HOME. Over http, others can read the key on the way to another machine, so use a tunnel or a proxy with TLS.',
    ),
    KAIT_ADMIN_TOKEN: setting(
      adminToken,
      null,
      'An API key with the scope `admin`. Commands use it, and it creates the other keys (`kait keys add`). If it is not set, `kait up` generates one. `kait server` requires it.',
      { secret: true },
    ),
  },
  'Log-in by OpenID Connect': {
    KAIT_OIDC_ISSUER: setting(
      issuerUrl,
      null,
      'The identity provider with which people log in to the console. Register `<address of the console>/session/oidc/callback` there as redirect URI. The server connects to the provider directly, even in a private network.',
    ),
    KAIT_OIDC_CLIENT_ID: setting(text, null, 'Kait’s client id at the identity provider.'),
    KAIT_OIDC_CLIENT_SECRET: setting(
      text,
      null,
      'Kait’s client secret at the identity provider. Without one, Kait is a public client and proves itself by PKCE alone.',
      { secret: true },
    ),
    KAIT_OIDC_ROLES: setting(
      roleRules,
      null,
      'Which role people get: `<claim>=<value>:<role>`, such as `groups=payments:operator, groups=admins:admin, email=sari@example.com:viewer`. The claims come from the ID token. A list matches if one of its items is equal to the value. `email` counts only if `email_verified` is true. The highest role counts. People without a role cannot log in.',
    ),
  },
  Database: {
    DATABASE_URL: setting(
      url(['postgres:', 'postgresql:'], 'postgres://kait@db.example.com:5432/kait'),
      null,
      'The PostgreSQL database. The password may be in PGPASSWORD instead. Add `?sslmode=verify-full` if the connection leaves your own network. Without `sslmode`, the connection is not encrypted. By default Kait uses an embedded PGlite database in KAIT_HOME.',
      { secret: true },
    ),
    DATABASE_CONNECTIONS: setting(
      wholeNumber(2, 1_000),
      '10',
      'The most connections to PostgreSQL that each Kait process opens. With 6 or more, Kait reserves 2 for storing webhooks.',
    ),
  },
  Temporal: {
    TEMPORAL_ADDRESS: setting(
      address,
      null,
      'The Temporal cluster to connect to. By default Kait starts its own server.',
    ),
    TEMPORAL_NAMESPACE: setting(
      text,
      null,
      'The Temporal namespace. By default Kait uses the namespace of the profile, or else `default`.',
    ),
    TEMPORAL_PROFILE: setting(
      text,
      null,
      'The profile in Temporal’s TOML file to connect with. Setting it selects a cluster, as TEMPORAL_ADDRESS does.',
    ),
    TEMPORAL_CONFIG_FILE: setting(
      { ...text, expects: 'the path of a file' },
      null,
      'Temporal’s TOML file. Setting it selects a cluster, as TEMPORAL_ADDRESS does.',
    ),
    TEMPORAL_TLS: setting(
      truth,
      null,
      'Whether to encrypt the connection to Temporal. By default, Kait encrypts it if an API key or a certificate is set.',
    ),
    TEMPORAL_API_KEY: setting(text, null, 'The API key for Temporal Cloud.', { secret: true }),
    TEMPORAL_CLI_PATH: setting(
      { ...text, expects: 'the path of a file' },
      null,
      'The Temporal CLI that runs the embedded server. By default Kait looks for it on PATH. If it is not there, Kait downloads it once.',
    ),
    KAIT_TEMPORAL_UI: setting(
      url(['http:', 'https:'], 'https://temporal.example.com'),
      null,
      'The address of the cluster’s Web UI, for links to runs. Without it, Kait shows no links.',
    ),
    KAIT_INSTALLATION: setting(
      installationId,
      null,
      'The id of this installation. Every workflow id starts with it, and the Temporal task queues are `<installation>`, `<installation>-large` and `<installation>-deliveries`. Must be the same for all processes that share a database. Without it, Kait generates an id once and keeps it in the database. Set it for a copy of a database, so that the copy does not take the runs of the original.',
    ),
    KAIT_DISPATCH_CONCURRENCY: setting(
      wholeNumber(1, 1_000),
      '16',
      'The most events that one process hands to Temporal at the same time.',
    ),
    KAIT_WORKER_ACTIVITIES: setting(
      wholeNumber(1, 10_000),
      '200',
      'The most network activities that a worker executes at once. The same limit applies to deliveries.',
    ),
    KAIT_WORKER_CACHE: setting(
      wholeNumber(0, 100_000),
      '500',
      'The most runs that a worker keeps in memory between steps. Each takes 0.2 to 0.3 MB. Other runs are rebuilt from their history.',
    ),
    KAIT_WORKER_STACKS: setting(
      flag,
      'false',
      'Whether errors in the code that runs definitions have stack traces. They slow down every step, so set it only to look for a bug in Kait itself.',
    ),
    KAIT_WORKER_HEALTH_PORT: setting(
      port,
      null,
      'The port, on KAIT_HOST, on which `kait worker` answers GET /healthz. Without it, `kait worker` does not listen.',
    ),
  },
  Outbound: {
    KAIT_OUTBOUND_ALLOW: setting(
      networks,
      null,
      'The private networks that Kait’s own requests may reach: `http` steps, outbound webhooks, questions to gateways, and requests for their keys. By default they reach none. Outbound webhooks may use plain http only there.',
    ),
    KAIT_OUTBOUND_PROXY: setting(
      proxyUrl,
      null,
      'The proxy through which these requests leave the network. Kait still resolves and checks each name, and asks the proxy to connect to the checked address (CONNECT, also for plain http). The proxy itself may be in a private network. By default Kait connects directly. HTTPS_PROXY and similar variables have no effect.',
      { secret: true },
    ),
    KAIT_OUTBOUND_PROXY_BYPASS: setting(
      bypasses,
      null,
      'The hosts and networks that Kait reaches without the proxy. Private networks also need KAIT_OUTBOUND_ALLOW.',
    ),
    KAIT_OUTBOUND_PROXY_RESOLVES: setting(
      flag,
      'false',
      'Whether the proxy resolves names, because Kait cannot. Kait then does not know where a name leads, so the proxy itself must refuse private networks.',
    ),
    KAIT_TENANT_ALLOW: setting(
      networks,
      null,
      'The private networks that tenants’ endpoints may reach. By default they reach none, whatever KAIT_OUTBOUND_ALLOW says.',
    ),
    KAIT_TENANT_ENDPOINTS: setting(
      wholeNumber(1, 1_000),
      '10',
      'The most endpoints that a tenant may have if it manages them itself, through a portal link.',
    ),
    KAIT_SECRETS_KEY: setting(
      {
        expects: 'one or more keys of 32 bytes in hexadecimal or base64, separated by commas',
        schema: z.string().transform((text, context) => {
          const keys = parseSecretKeys(text);
          if (keys !== null) return keys;
          context.addIssue({ code: 'custom' });
          return z.NEVER;
        }),
      },
      null,
      'The key that encrypts the secrets of endpoints in the database. `openssl rand -hex 32` generates one. Servers and workers need the same key. To replace it, put the new key in front of the old one everywhere, run `kait secrets rotate-key`, and remove the old one. `kait up` generates a key and keeps it in KAIT_HOME. `kait server` accepts no endpoints without one.',
      { secret: true },
    ),
    // Svix's schedule (https://docs.svix.com/retries): eight attempts over about 27.5 hours.
    KAIT_OUTBOUND_SCHEDULE: setting(
      listOf('durations such as 30s, 5m, 24h', parseDuration),
      '0s,5s,5m,30m,2h,5h,10h,10h',
      'The pause before each attempt to deliver an outbound webhook, starting with the first attempt. After the last one, Kait gives up.',
    ),
    KAIT_OUTBOUND_PARKED: setting(
      durationFrom('1h', '365d'),
      '30d',
      'How long Kait keeps a delivery that is parked because its endpoint currently accepts nothing. The time starts when the delivery is emitted, or when somebody last sent it again. After that, Kait gives up, and the delivery counts as exhausted.',
    ),
  },
  Mail: {
    SMTP_URL: setting(
      mailServer,
      null,
      'The mail server. `smtps://` encrypts from the start, `smtp://` by STARTTLS before anything is sent. By default Kait saves mails as files in KAIT_HOME.',
      { secret: true },
    ),
    KAIT_SMTP_PLAINTEXT: setting(
      flag,
      'false',
      'Whether mails and the password of SMTP_URL may be sent unencrypted if the server offers no STARTTLS. Anybody on the way can then read them, and can remove STARTTLS. A server on localhost needs no permission.',
    ),
    KAIT_MAIL_FROM: setting(sender, 'Kait <kait@localhost>', 'The sender of mails.'),
    KAIT_OPERATOR_MAIL: setting(
      mailAddress,
      null,
      'The address that gets a mail when an endpoint of outbound webhooks fails, is disabled, or recovers: once each, and at most one mail in five minutes. Set it for the workers. By default, nobody gets these mails.',
    ),
    KAIT_MAIL_LOCALE: setting(
      locale,
      null,
      'How mails format amounts and times, unless a mail has its own `locale`: `Rp 250.000` with id-ID. The default is `IDR 250,000.00`, and times in English.',
    ),
    KAIT_MAIL_TIME_ZONE: setting(
      timeZone,
      'UTC',
      'The time zone of times in mails, unless a mail has its own `timeZone`.',
    ),
  },
} satisfies Record<string, Record<string, Setting>>;

export const settingTable = {
  ...groups.General,
  ...groups.Receiver,
  ...groups['HTTP API'],
  ...groups['Log-in by OpenID Connect'],
  ...groups.Database,
  ...groups.Temporal,
  ...groups.Outbound,
  ...groups.Mail,
};

export type SettingName = keyof typeof settingTable;

type Table = typeof settingTable;

/** The value of each variable; null if it has neither a value nor a default. */
export type SettingValues = {
  [Name in SettingName]: z.output<Table[Name]['schema']> | (Table[Name]['default'] extends string ? never : null);
};

/** The settings as a list, for documentation. */
export const settings = Object.entries<Record<string, Setting>>(groups).flatMap(([group, table]) =>
  Object.entries(table).map(([name, { meaning, expects, default: fallback, secret }]) => {
    return { name, group, meaning, expects, default: fallback, secret };
  }),
);
