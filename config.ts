import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type * as temporalSettings from '@temporalio/envconfig';
import { KaitError } from './errors.ts';
import type { OutboundProxy } from './http/proxy.ts';
import { isLoopback } from './language/loopback.ts';
import { packagePath } from './package-path.ts';
import type { OidcSettings } from './server/console/oidc-roles.ts';
import type { SecretKeys } from './storage/secret-keys.ts';
import { settings, settingTable, type Setting, type SettingName, type SettingValues } from './settings.ts';
import { type SettingOrigin, type ShownSetting, shownValue } from './shown-settings.ts';

type Environment = NodeJS.ProcessEnv;

/** The settings of a Kait process. Contains secrets, so never log it. */
export interface Config {
  /** Absolute, like all paths here. */
  home: string;
  definitions: string;
  /** What counts for `kait server` and `kait worker`: the folder, or what `kait publish` has recorded. */
  definitionsFrom: 'files' | 'published';
  /** Need not exist. */
  migrations: string;
  receiver: {
    host: string;
    port: number;
    publicUrl: string | null;
    /** CIDR networks and single addresses. */
    trustedProxies: string[];
    bodyLimitBytes: number;
    headerLimitBytes: number;
    connections: number;
  };
  /** Webhooks are rejected past these limits. */
  overload: { backlogLimit: number; diskReserveBytes: number };
  /** The tenants' pages. */
  portal: { origins: string[]; name: string; accent: string };
  admin: {
    host: string;
    port: number;
    /** The names under which clients may ask, besides addresses and `localhost`. */
    names: string[];
    url: string | null;
    token: string | null;
    /** Null: nobody logs in by OpenID Connect. */
    oidc: OidcSettings | null;
  };
  /** If `url` is null, the database is PGlite in `home`. */
  database: { url: string | null; connections: number };
  temporal: TemporalConfig;
  /** Null: the id that the database holds. */
  installation: string | null;
  inbox: { limit: number };
  dispatch: { concurrency: number };
  /** If `healthPort` is null, the worker serves no HTTP. */
  worker: { concurrentActivities: number; cachedRuns: number; keepsStacks: boolean; healthPort: number | null };
  /** If `smtpUrl` is null, mails become files in `home`. */
  mail: {
    smtpUrl: string | null;
    allowPlaintext: boolean;
    from: string;
    /** Null: the operator gets no mails. */
    operator: string | null;
    /** See `MailFormat`. */
    format: { locale: string | null; timeZone: string };
  };
  outbound: {
    /** CIDR networks and single addresses. */
    allow: string[];
    /** Null: connect directly. */
    proxy: OutboundProxy | null;
    /** The pause before each attempt. */
    scheduleMs: number[];
    /** How long what is parked may wait. */
    parkedMs: number;
    /** What endpoints of tenants may reach, likewise. */
    tenantAllow: string[];
    /** That a tenant may have. */
    tenantEndpoints: number;
  };
  /** What the secrets in the database are sealed with. Null: `kait up` takes the one in `home`. */
  secretKeys: SecretKeys | null;
  logLevel: SettingValues['LOG_LEVEL'];
  /** All of them for people, with where each comes from. */
  shown: readonly ShownSetting[];
}

/** `embedded`: Kait runs a server itself. `cluster`: Temporal's own variables and TOML file define the connection. */
export type TemporalConfig =
  | { kind: 'embedded'; namespace: string }
  | {
      kind: 'cluster';
      namespace: string;
      connection: temporalSettings.ClientConnectConfig['connectionOptions'];
      uiUrl: string | null;
    };

/** One message for each invalid variable. */
type Problems = string[];

const require = createRequire(import.meta.url);

/**
 * Reads the settings from `environment`. The default is the process's own, plus variables from the working folder's `.env` file that
 * are not set. An empty value counts as not set.
 *
 * @throws KaitError KAIT_CONFIG_INVALID, which lists all invalid variables and shows no secret.
 */
export function loadConfig(environment?: Environment): Config {
  const problems: Problems = [];
  if (environment === undefined) loadEnvFile(problems);
  const variables = environment ?? process.env;
  const values = readValues(variables, problems);
  const temporal = readTemporal(variables, values, problems);
  if (values.KAIT_PORT === values.KAIT_ADMIN_PORT && values.KAIT_PORT !== 0) {
    problems.push(`KAIT_PORT and KAIT_ADMIN_PORT are both ${values.KAIT_PORT}, but each needs a port of its own`);
  }
  problems.push(...oidcProblems(values));
  if (problems.length > 0) throw configInvalid(problems);
  return { ...configOf(values, temporal), shown: settings.map((each) => shownSetting(each, variables)) };
}

/** Reads the `.env` file again, so that secrets can be rotated without a restart. Throws if the file cannot be read. */
export function refreshEnvFile(): void {
  takeEnvFile(join(process.cwd(), '.env'));
}

/** The variables that give settings of `definitions/settings.json` other values. Empty ones count as not set. */
export function settingVariables(environment: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('KAIT_SETTING_') && value ? [[name, value] as const] : [],
    ),
  );
}

/** Where a variable of this process comes from. Null: it is not set. */
export function originOfVariable(
  name: string,
  environment: Environment = process.env,
): Exclude<SettingOrigin, 'default' | 'file'> | null {
  if (ownValue(environment, name) === undefined) return null;
  return environment === process.env && fromEnvFile.has(name) ? 'env-file' : 'environment';
}

/** Returns the variables of this process, for programs that it starts. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads a secret: from the variable `name`, or else from the file that the variable `<name>_FILE` names, as Docker mounts secrets. A
 * line break at the file's end does not count. Undefined if neither is set.
 *
 * @throws KaitError KAIT_CONFIG_INVALID if the file cannot be read, or if a # cuts the value in the `.env` file.
 */
export function lookupSecret(name: string, environment: Environment = process.env): string | undefined {
  const line = environment === process.env ? cutInEnvFile.get(name) : undefined;
  if (line !== undefined) throw configInvalid([cutMessage(name, line)]);
  const value = ownValue(environment, name);
  if (value !== undefined) return value;
  const file = ownValue(environment, `${name}_FILE`);
  if (file === undefined) return undefined;
  try {
    return readText(file).replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    if (error instanceof KaitError) throw error;
    throw configInvalid([`${name}_FILE names a file that cannot be read: ${file} (${codeOf(error)})`], error);
  }
}

function loadEnvFile(problems: Problems): void {
  const file = join(process.cwd(), '.env');
  try {
    takeEnvFile(file);
  } catch (error) {
    problems.push(error instanceof KaitError ? error.message : `${file} cannot be read (${codeOf(error)})`);
  }
}

/** Reads a file without its byte order mark. Throws KAIT_CONFIG_INVALID if it is UTF-16, as editors on Windows may save it. */
function readText(file: string): string {
  const bytes = readFileSync(file);
  const isMarked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isMarked || bytes.includes(0)) {
    throw configInvalid([`${file} must be UTF-8, but is UTF-16. Save it again with the encoding UTF-8`]);
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** The variables of this process that come from the `.env` file. */
const fromEnvFile = new Set<string>();

/** The variables of the `.env` file whose unquoted values hold a #, by the numbers of their lines. The rest would be lost. */
const cutInEnvFile = new Map<string, number>();

/** Without a blank before it, a # is meant as a part of the value. */
function findCuts(text: string, variables: Record<string, string | undefined>): void {
  cutInEnvFile.clear();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, name = '', value = ''] = /^\s*(?:export\s+)?([\w.-]+)\s*=(?!\s*["'`])([^#]*)#/.exec(line) ?? [];
    const isCut = value === '' || !/\s$/.test(value);
    if (name !== '' && isCut && variables[name] === value.trim() && fromEnvFile.has(name))
      cutInEnvFile.set(name, index + 1);
  }
}

function cutMessage(name: string, line: number): string {
  return `${name} has a # in line ${line} of .env, which would end its value. Put the value in quotes`;
}

/** The environment takes precedence over the file, as in Node's own `process.loadEnvFile`. */
function takeEnvFile(file: string): void {
  const text = existsSync(file) ? readText(file) : '';
  const variables = parseEnv(text);
  for (const name of fromEnvFile) if (variables[name] === undefined) Reflect.deleteProperty(process.env, name);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || (process.env[name] !== undefined && !fromEnvFile.has(name))) continue;
    process.env[name] = value;
    fromEnvFile.add(name);
  }
  findCuts(text, variables);
}

function readValues(environment: Environment, problems: Problems): SettingValues {
  const entries = Object.entries<Setting>(settingTable).map(([name, setting]) => {
    try {
      return [name, readValue(name, setting, environment, problems)] as const;
    } catch (error) {
      if (!(error instanceof KaitError)) throw error;
      problems.push(error.message);
      return [name, null] as const;
    }
  });
  // `SettingValues` is inferred from the same schemas. If a value is invalid, `problems` makes loadConfig throw.
  return Object.fromEntries(entries) as SettingValues;
}

function readValue(name: string, setting: Setting, environment: Environment, problems: Problems): unknown {
  const given = setting.secret ? lookupSecret(name, environment) : ownValue(environment, name);
  const text = given ?? setting.default;
  if (text === null) return null;
  const parsed = setting.schema.safeParse(text);
  if (parsed.success) return parsed.data;
  problems.push(`${name} ${setting.secret ? '' : `is ${JSON.stringify(text)}, but `}must be ${setting.expects}`);
  return null;
}

/** Setting one of these chooses a cluster. A TOML file in the default place does not. */
const clusterVariables: SettingName[] = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

function readTemporal(environment: Environment, values: SettingValues, problems: Problems): TemporalConfig {
  const embedded = { kind: 'embedded', namespace: values.TEMPORAL_NAMESPACE ?? 'default' } as const;
  const chosenBy = clusterVariables.filter((name) => ownValue(environment, name) !== undefined);
  if (chosenBy.length === 0) return embedded;
  try {
    // Half of what a short command would load; most have no use for it.
    const { loadClientConnectConfig } = require('@temporalio/envconfig') as typeof temporalSettings;
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({
      overrideEnvVars: temporalVariables(environment, values.TEMPORAL_API_KEY),
      configFileStrict: true,
    });
    const { address, apiKey, tls } = connectionOptions;
    if (address !== undefined) {
      if (apiKey !== undefined && tls === false && !isLoopback(address)) {
        problems.push(
          'Temporal’s API key would be readable on the way to the cluster. Leave TLS on, or set no API key',
        );
      }
      return { kind: 'cluster', namespace, connection: connectionOptions, uiUrl: values.KAIT_TEMPORAL_UI };
    }
    problems.push(
      `${chosenBy.join(' and ')} must lead to an address: set TEMPORAL_ADDRESS, or \`address\` in the profile`,
    );
  } catch (error) {
    // Only the first line: a TOML error goes on to quote the lines around it, which may contain the API key.
    const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1).join();
    problems.push(`The TEMPORAL_* variables (${chosenBy.join(', ')}) do not name a usable connection: ${reason}`);
  }
  return embedded;
}

/** Leaves out empty variables, which Temporal's loader would use, and adds the API key, which may come from a file. */
function temporalVariables(environment: Environment, apiKey: string | null): Record<string, string> {
  const given = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  return { ...Object.fromEntries(given), ...(apiKey === null ? {} : { TEMPORAL_API_KEY: apiKey }) };
}

function shownSetting(
  { name, group, meaning, secret: isSecret, default: fallback }: (typeof settings)[number],
  environment: Environment,
): ShownSetting {
  const isInFile = isSecret && ownValue(environment, `${name}_FILE`) !== undefined;
  const origin = originOfVariable(name, environment) ?? (isInFile ? 'file' : 'default');
  const text = isSecret ? null : (ownValue(environment, name) ?? fallback);
  return { name, group, meaning, isSecret, origin, value: text === null ? null : shownValue(text) };
}

function configOf(values: SettingValues, temporal: TemporalConfig): Omit<Config, 'shown'> {
  const definitions = definitionsFolder(values.KAIT_DEFINITIONS);
  return {
    home: resolve(values.KAIT_HOME),
    definitions,
    definitionsFrom: values.KAIT_DEFINITIONS_FROM,
    migrations: resolve(values.KAIT_MIGRATIONS ?? join(dirname(definitions), 'migrations')),
    receiver: {
      host: values.KAIT_HOST,
      port: values.KAIT_PORT,
      publicUrl: values.KAIT_PUBLIC_URL,
      trustedProxies: values.KAIT_TRUSTED_PROXIES ?? [],
      bodyLimitBytes: values.KAIT_BODY_LIMIT,
      headerLimitBytes: values.KAIT_HEADER_LIMIT,
      connections: values.KAIT_MAX_CONNECTIONS,
    },
    overload: { backlogLimit: values.KAIT_BACKLOG_LIMIT, diskReserveBytes: values.KAIT_DISK_RESERVE },
    portal: {
      origins: values.KAIT_PORTAL_ORIGINS ?? [],
      name: values.KAIT_PORTAL_NAME,
      accent: values.KAIT_PORTAL_ACCENT,
    },
    admin: {
      host: values.KAIT_ADMIN_HOST,
      port: values.KAIT_ADMIN_PORT,
      names: adminNames(values),
      url: values.KAIT_ADMIN_URL,
      token: values.KAIT_ADMIN_TOKEN,
      oidc: oidcOf(values),
    },
    database: { url: values.DATABASE_URL, connections: values.DATABASE_CONNECTIONS },
    temporal,
    installation: values.KAIT_INSTALLATION,
    inbox: { limit: values.KAIT_INBOX_LIMIT },
    dispatch: { concurrency: values.KAIT_DISPATCH_CONCURRENCY },
    worker: {
      concurrentActivities: values.KAIT_WORKER_ACTIVITIES,
      cachedRuns: values.KAIT_WORKER_CACHE,
      keepsStacks: values.KAIT_WORKER_STACKS,
      healthPort: values.KAIT_WORKER_HEALTH_PORT,
    },
    mail: {
      ...{ smtpUrl: values.SMTP_URL, allowPlaintext: values.KAIT_SMTP_PLAINTEXT, from: values.KAIT_MAIL_FROM },
      operator: values.KAIT_OPERATOR_MAIL,
      format: { locale: values.KAIT_MAIL_LOCALE, timeZone: values.KAIT_MAIL_TIME_ZONE },
    },
    outbound: {
      allow: values.KAIT_OUTBOUND_ALLOW ?? [],
      proxy: proxyOf(values),
      scheduleMs: values.KAIT_OUTBOUND_SCHEDULE,
      parkedMs: values.KAIT_OUTBOUND_PARKED,
      tenantAllow: values.KAIT_TENANT_ALLOW ?? [],
      tenantEndpoints: values.KAIT_TENANT_ENDPOINTS,
    },
    secretKeys: values.KAIT_SECRETS_KEY,
    logLevel: values.LOG_LEVEL,
  };
}

/** Half of it would leave people wondering why they cannot log in, or let in nobody. */
function oidcProblems(values: SettingValues): Problems {
  const needed = ['KAIT_OIDC_ISSUER', 'KAIT_OIDC_CLIENT_ID', 'KAIT_OIDC_ROLES'] as const;
  const missing = needed.filter((name) => values[name] === null);
  const isWanted = missing.length < needed.length || values.KAIT_OIDC_CLIENT_SECRET !== null;
  if (!isWanted || missing.length === 0) return [];
  return [`Log-in by OpenID Connect also needs ${missing.join(' and ')}`];
}

function oidcOf(values: SettingValues): OidcSettings | null {
  const { KAIT_OIDC_ISSUER: issuer, KAIT_OIDC_CLIENT_ID: clientId, KAIT_OIDC_ROLES: roles } = values;
  if (issuer === null || clientId === null || roles === null) return null;
  return { issuer, clientId, clientSecret: values.KAIT_OIDC_CLIENT_SECRET, roles };
}

function proxyOf(values: SettingValues): OutboundProxy | null {
  const url = values.KAIT_OUTBOUND_PROXY;
  const bypass = values.KAIT_OUTBOUND_PROXY_BYPASS ?? [];
  return url === null ? null : { url, resolvesNames: values.KAIT_OUTBOUND_PROXY_RESOLVES, bypass };
}

/** Without the setting: that of the project in the working folder, or else that of the package. */
function definitionsFolder(setting: string | null): string {
  if (setting !== null) return resolve(setting);
  const own = resolve('definitions');
  return existsSync(own) ? own : packagePath('definitions');
}

/** A setting that names this server is a promise of whoever runs it that the name is theirs. */
function adminNames({ KAIT_ADMIN_HOSTS, KAIT_ADMIN_HOST, KAIT_ADMIN_URL }: SettingValues): string[] {
  const ofUrl = KAIT_ADMIN_URL === null ? [] : [new URL(KAIT_ADMIN_URL).hostname];
  return [...new Set([...(KAIT_ADMIN_HOSTS ?? []), KAIT_ADMIN_HOST, ...ofUrl])];
}

function configInvalid(problems: Problems, cause?: unknown): KaitError {
  return new KaitError('KAIT_CONFIG_INVALID', problems.join('\n'), { cause });
}

/** Returns undefined for an empty value, and for names such as `constructor` that every object inherits. */
function ownValue(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === '' ? undefined : value;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
