import type { Logger } from 'pino';
import type { Mask } from '../../http/mask-secrets.ts';
import { shortened } from '../../language/printable.ts';

type Write = (message: string, facts?: Readonly<Record<string, unknown>>) => void;

/** The worker's log, which `kait dev` shows. Each line names the activity and the run; secrets are masked. */
export interface ActivityLog {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

const longestLine = 8_192;

/** `mask` is asked for each line, since the activity may have read more secrets by then. @internal */
export function createActivityLog(
  log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>,
  about: object,
  mask: () => Mask,
): ActivityLog {
  const writer =
    (level: keyof ActivityLog): Write =>
    (message, facts) => {
      const text = shortened(mask().text(message), longestLine);
      log[level]({ ...about, ...(facts !== undefined && { facts: maskedFacts(facts, mask()) }) }, text);
    };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

/** As JSON, so that nothing runs when the log is written. */
function maskedFacts(facts: object, mask: Mask): unknown {
  try {
    const json = JSON.stringify(facts, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      return value instanceof Error ? `${value.name}: ${value.message}` : value;
    });
    return json.length > longestLine ? shortened(mask.text(json), longestLine) : mask.document(JSON.parse(json));
  } catch {
    return 'not JSON';
  }
}
