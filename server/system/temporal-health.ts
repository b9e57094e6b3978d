import type { Connection } from '@temporalio/client';
import { withDeadline } from '../../storage/with-deadline.ts';
import { retentionHours } from '../check-retention.ts';

/** What Temporal says of itself. Null: it did not say. */
export interface TemporalHealth {
  version: string | null;
  answeredInMs: number | null;
  /** How long the namespace keeps runs that have ended. */
  retentionHours: number | null;
}

const askMs = 3_000;

/** Never rejects. */
export async function temporalHealth(deps: {
  connection: { workflowService: Pick<Connection['workflowService'], 'getSystemInfo' | 'describeNamespace'> };
  namespace: string;
}): Promise<TemporalHealth> {
  const startedAt = performance.now();
  try {
    const { serverVersion } = await withDeadline(deps.connection.workflowService.getSystemInfo({}), askMs, 'Temporal');
    const answeredInMs = Math.round(performance.now() - startedAt);
    const kept = await withDeadline(retentionHours(deps), askMs, 'Temporal').catch(() => null);
    return { version: serverVersion === '' ? null : serverVersion, answeredInMs, retentionHours: kept };
  } catch {
    return { version: null, answeredInMs: null, retentionHours: null }; // The status says why.
  }
}
