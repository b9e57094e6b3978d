import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { TemporalConfig } from '../../config.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { lazyTemporalAccess } from './temporal-access.ts';
import type { TemporalPlace } from './temporal-problem.ts';
import { untilReachable } from './until-reachable.ts';

export type ClusterConnection = (TemporalConfig & { kind: 'cluster' })['connection'];

const answerMs = 5_000;
const connectMs = 20_000;

/**
 * Connects the worker's library to a cluster, as soon as that answers. The library itself waits forever for a server that accepts connections and
 * says nothing, so another one asks first. `waiting` receives what is wrong, each time it changes.
 */
export async function connectToCluster(
  options: ClusterConnection,
  place: Omit<TemporalPlace, 'address'>,
  { waiting, ...deps }: { log: Logger; signal: AbortSignal; waiting?: (problem: string) => void },
): Promise<NativeConnection> {
  let said: string | null = null;
  async function connect(): Promise<NativeConnection> {
    const asking = lazyTemporalAccess(options, place, null);
    let problem: string | null;
    try {
      problem = await asking.problem(answerMs);
    } finally {
      await asking.close();
    }
    if (problem !== null && problem !== said) waiting?.(problem);
    said = problem;
    if (problem !== null) throw new Error(problem);
    const connecting = NativeConnection.connect(options);
    return withDeadline(connecting, connectMs, 'Temporal').catch((error: unknown) => {
      void connecting.then(
        (late) => late.close(),
        () => undefined,
      );
      throw error;
    });
  }
  return untilReachable('Temporal', 'TEMPORAL_ADDRESS', connect, deps);
}
