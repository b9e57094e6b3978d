import { hostname } from 'node:os';
import { originOfVariable, type Config } from '../../config.ts';
import { createMask } from '../../http/mask-secrets.ts';
import { settingVariable } from '../../language/project-settings.ts';
import type { SystemAnswer } from '../../server/api/routes/system-answer.ts';
import { shareAnswer } from '../../server/shared-answer.ts';
import { databaseHealth } from '../../server/system/database-health.ts';
import { temporalHealth } from '../../server/system/temporal-health.ts';
import type { Database } from '../../storage/database.ts';
import type { createRetentionJob } from '../../storage/retention-job.ts';
import { shownValue } from '../../shown-settings.ts';
import type { ServedProject } from './load-served-definitions.ts';
import type { TemporalAccess } from './temporal-access.ts';

const sharedForMs = 5_000;
const limitMs = 15_000;

/** Answers `GET /system`. All who ask within some seconds share one look. */
export function composeSystem(deps: {
  config: Config;
  database: Database;
  temporal: Pick<TemporalAccess, 'connection' | 'namespace'>;
  served: Pick<ServedProject, 'settings'>;
  retention: Pick<ReturnType<typeof createRetentionJob>, 'describe'>;
}): () => Promise<SystemAnswer> {
  const { config, database, temporal, retention } = deps;
  const startedAt = new Date(Date.now() - process.uptime() * 1_000);
  // A secret that somebody has written into another setting, too, is found there.
  const mask = createMask(secretsIn(config));
  const shown = (value: string) => mask.text(shownValue(value));
  const ask = async (): Promise<SystemAnswer> => {
    const [ofDatabase, ofTemporal] = await Promise.all([databaseHealth(database), temporalHealth(temporal)]);
    const { rss, heapUsed } = process.memoryUsage();
    const { everyMs, problem, rules } = retention.describe();
    return {
      process: {
        ...{ name: `${hostname()}:${process.pid}`, startedAt, node: process.version },
        ...{ platform: `${process.platform} ${process.arch}`, memoryBytes: rss, heapBytes: heapUsed },
      },
      temporal: ofTemporal,
      database: { ...ofDatabase, problem: ofDatabase.problem === null ? null : shown(ofDatabase.problem) },
      retention: {
        everySeconds: everyMs / 1_000,
        problem: problem === null ? null : shown(problem),
        rules: rules.map(({ keepMs, tables, ...rule }) => {
          return { ...rule, tables: [...tables], keepSeconds: keepMs === null ? null : keepMs / 1_000 };
        }),
      },
      settings: config.shown.map((each) => ({ ...each, value: each.value === null ? null : shown(each.value) })),
      projectSettings: Object.entries(deps.served.settings?.values ?? {}).map(([name, value]) => ({
        ...{ name, value: shown(JSON.stringify(value)) },
        origin: originOfVariable(settingVariable(name)) ?? 'file',
      })),
    };
  };
  return shareAnswer(ask, { limitMs, what: 'The system', sharedForMs });
}

/** Shorter ones are words that occur by themselves. */
const leastCharacters = 8;

/** What of the settings is secret itself. Of a URL, its password. */
function secretsIn({ admin, database, temporal, mail, outbound }: Config): string[] {
  const apiKey = temporal.kind === 'cluster' ? temporal.connection.apiKey : undefined;
  const secrets = [
    ...[admin.token, admin.oidc?.clientSecret, typeof apiKey === 'string' ? apiKey : null],
    ...[database.url, mail.smtpUrl, outbound.proxy?.url].flatMap((url) => passwordsIn(url ?? null)),
  ];
  return secrets.filter((secret) => typeof secret === 'string').filter((secret) => secret.length >= leastCharacters);
}

/** As it is written, and as it is meant. */
function passwordsIn(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
