import type { Logger } from 'pino';
import {
  ensureSearchAttributes,
  type SearchAttributeReport,
  type SearchAttributeServices,
  typeOf,
} from './search-attributes.ts';

/** Kait's search attributes in the namespace, as far as Temporal lets Kait have them. */
export interface KeptSearchAttributes {
  /** Looks, creates what is missing, and logs what that changed. Rejects if Temporal cannot be reached. */
  ensure(): Promise<void>;
  /** Looks again every few minutes, because an operator may create what Kait could not. */
  start(): void;
  stop(): Promise<void>;
  /** The names that a start may use. None before the first look. */
  usable(): ReadonlySet<string>;
  /** For `kait status`. */
  describe(): SearchAttributeStatus;
}

export type SearchAttributeStatus =
  | { state: 'complete' }
  /** Temporal has not answered yet. */
  | { state: 'unknown' }
  | {
      state: 'incomplete';
      missing: readonly string[];
      wrongType: readonly string[];
      reason: string | null;
      /** What creates the missing ones: on a server of your own, and on Temporal Cloud. */
      commands: string[];
    };

const lookEveryMs = 5 * 60_000;

export function keepSearchAttributes(deps: {
  services: SearchAttributeServices;
  namespace: string;
  log: Pick<Logger, 'info' | 'warn'>;
  everyMs?: number;
}): KeptSearchAttributes {
  const { services, namespace, log, everyMs = lookEveryMs } = deps;
  let report: SearchAttributeReport | null = null;
  let logged = '';
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  async function ensure(): Promise<void> {
    report = await ensureSearchAttributes(services, namespace);
    const status = statusOf(report, namespace);
    const text = JSON.stringify(status);
    if (text === logged) return;
    const { state, ...fields } = status;
    if (state === 'incomplete') log.warn(fields, 'search attributes are missing; runs start without them');
    else if (logged !== '') log.info({ usable: report.usable }, 'search attributes are complete');
    logged = text;
  }

  const look = () => {
    // Starts fail as well while Temporal is away, and the dispatcher says so.
    looking = looking.then(ensure).catch(() => undefined);
  };
  return {
    ensure,
    start() {
      timer = setInterval(look, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
    usable: () => new Set(report?.usable ?? []),
    describe: () => (report === null ? { state: 'unknown' } : statusOf(report, namespace)),
  };
}

function statusOf({ missing, wrongType, reason }: SearchAttributeReport, namespace: string): SearchAttributeStatus {
  if (missing.length === 0 && wrongType.length === 0) return { state: 'complete' };
  return { state: 'incomplete', missing, wrongType, reason, commands: commandsFor(missing, namespace) };
}

function commandsFor(names: readonly string[], namespace: string): string[] {
  if (names.length === 0) return [];
  const own = (['Keyword', 'Int'] as const).flatMap((type) => {
    const ofType = names.filter((name) => typeOf(name) === type).map((name) => `--name ${name}`);
    if (ofType.length === 0) return [];
    return [`temporal operator search-attribute create --namespace ${namespace} --type ${type} ${ofType.join(' ')}`];
  });
  const cloud = names.map((name) => `--search-attribute ${name}=${typeOf(name)}`).join(' ');
  return [...own, `tcld namespace search-attributes add --namespace ${namespace} ${cloud}`];
}
