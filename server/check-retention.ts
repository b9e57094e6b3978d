import type { Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import { errorText } from '../describe-error.ts';
import { withDeadline } from '../storage/with-deadline.ts';

const hourMs = 60 * 60 * 1_000;
/** Kait repeats a start for 20 hours, in which Temporal must recognize a run that has ended meanwhile. */
const leastHours = 24;
const askMs = 10_000;

interface Asked {
  connection: { workflowService: Pick<Connection['workflowService'], 'describeNamespace'> };
  namespace: string;
}

/** How long Temporal keeps runs that have ended. Rejects if it does not say. */
export async function retentionHours({ connection, namespace }: Asked): Promise<number> {
  const { config } = await withDeadline(connection.workflowService.describeNamespace({ namespace }), askMs, 'Temporal');
  const seconds = config?.workflowExecutionRetentionTtl?.seconds;
  if (seconds === undefined || seconds === null) throw new Error('Temporal does not say it');
  return (Number(seconds) * 1_000) / hourMs;
}

/**
 * Warns if the namespace forgets runs earlier than a day after their end, so that a repeated start could make a second run. Says once if
 * Kait cannot find that out. Never rejects.
 */
export async function checkRetention(deps: Asked & { log: Pick<Logger, 'info' | 'warn'> }): Promise<void> {
  const { namespace, log } = deps;
  try {
    const hours = await retentionHours(deps);
    if (hours >= leastHours) return;
    const remedy = `temporal operator namespace update --namespace ${namespace} --retention 72h`;
    log.warn(
      { namespace, hours, leastHours, remedy },
      'the namespace forgets ended runs too early: a start that is repeated after a crash may run twice',
    );
  } catch (error) {
    log.info(
      { namespace, reason: errorText(error), leastHours },
      'the retention of the namespace is unknown; it must be a day at least',
    );
  }
}
