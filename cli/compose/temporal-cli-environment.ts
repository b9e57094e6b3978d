import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { childEnvironment } from '../../embedded/child-environment.ts';
import { isRunning } from '../../embedded/process-identity.ts';
import { readTemporalRecord } from '../../embedded/temporal-record.ts';
import { KaitError } from '../../errors.ts';
import { isLoopback } from '../../language/loopback.ts';
import { ownCommand } from '../own-command.ts';

/**
 * The variables for a Temporal CLI that speaks to the Temporal of this Kait. The address, the namespace, TLS and keys are in the
 * environment, because every user of a machine can read the arguments of its processes.
 *
 * A cluster's settings are passed on as they are: the CLI and the SDK read the same variables and the same TOML file. For the embedded
 * server, those of another server are left out, because a key or TLS from a TOML profile would go to it as well.
 *
 * @throws KaitError KAIT_NOT_RUNNING if the embedded server does not run, unless `args` ask for help or name an address.
 */
export function temporalCliEnvironment(
  config: Pick<Config, 'home' | 'admin' | 'temporal'>,
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
): NodeJS.ProcessEnv {
  const inherited = childEnvironment(environment, 'terminal');
  const { temporal } = config;
  if (temporal.kind === 'embedded') return { ...inherited, ...embeddedVariables(config, args) };
  const { address, apiKey } = temporal.connection;
  return {
    ...inherited,
    ...temporalVariables(environment),
    ...(address !== undefined && { TEMPORAL_ADDRESS: address }),
    // It may come from the file that TEMPORAL_API_KEY_FILE names, which only Kait reads.
    ...(typeof apiKey === 'string' && { TEMPORAL_API_KEY: apiKey }),
    TEMPORAL_NAMESPACE: temporal.namespace,
  };
}

/**
 * What the CLI gets before the arguments of its user. Its older way to keep settings, `temporal env`, would otherwise replace the address
 * that the environment names.
 */
export const temporalCliArguments = ['--env-file', devNull];

/** Empty ones count as not set, as everywhere in Kait. */
function temporalVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name.startsWith('TEMPORAL_') && value !== ''),
  );
}

/** Nobody can have a name that ends so (RFC 6761). Without an address, the CLI would ask whoever listens on port 7233. */
const nowhere = 'kait-is-not-running.invalid:7233';

function embeddedVariables(
  { home, admin, temporal }: Pick<Config, 'home' | 'admin' | 'temporal'>,
  args: readonly string[],
): NodeJS.ProcessEnv {
  const record = readTemporalRecord(join(home, 'temporal.json'));
  const elsewhere = admin.url !== null && !isLoopback(new URL(admin.url).host) ? admin.url : null;
  const here = elsewhere === null && record !== undefined && isRunning(record) ? record : null;
  if (here === null && !needsNoServer(args)) throw elsewhere === null ? notRunning(home) : isElsewhere(elsewhere);
  return {
    TEMPORAL_ADDRESS: here === null ? nowhere : `127.0.0.1:${here.port}`,
    TEMPORAL_NAMESPACE: here?.namespace ?? temporal.namespace,
    TEMPORAL_CONFIG_FILE: devNull,
  };
}

function needsNoServer(args: readonly string[]): boolean {
  if (args.length === 0 || ['help', 'completion'].includes(args[0] ?? '')) return true;
  return args.some(
    (arg) => ['--help', '-h', '--version', '-v', '--address'].includes(arg) || arg.startsWith('--address='),
  );
}

function isElsewhere(url: string): KaitError {
  return new KaitError(
    'KAIT_NOT_RUNNING',
    `KAIT_ADMIN_URL names a Kait on another machine (${url}), but TEMPORAL_ADDRESS is not set. Set it to the Temporal of that Kait, which ` +
      `"${ownCommand('status')}" names.`,
  );
}

function notRunning(home: string): KaitError {
  return new KaitError(
    'KAIT_NOT_RUNNING',
    `No embedded Temporal runs for ${home}. Start it with "${ownCommand('up')}", set KAIT_HOME to the data folder of the Kait that you mean, ` +
      'or set TEMPORAL_ADDRESS if its Temporal is a cluster.',
  );
}
