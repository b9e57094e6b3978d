import type { TemporalAccess } from './temporal-access.ts';

/**
 * Access to a Temporal that is still starting, and the function that is called with it in the end. Until then nothing of it can be used,
 * which is an outage to whoever asks, as later ones are.
 */
export function temporalToCome(
  namespace: string,
  address: string | null = null,
): {
  access: TemporalAccess;
  come: (access: TemporalAccess) => void;
  /** Says what it is that still keeps it from coming. */
  wait: (problem: string) => void;
} {
  let problem = 'Temporal is still starting';
  let latest: TemporalAccess | undefined;
  let come: (access: TemporalAccess) => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    come = (access) => {
      latest = access;
      resolve();
    };
  });
  function present(): TemporalAccess {
    if (latest === undefined) throw Object.assign(new Error(problem), { name: 'TemporalToCome' });
    return latest;
  }
  const access: TemporalAccess = {
    namespace,
    ready,
    get client() {
      return present().client;
    },
    connection: {
      get operatorService() {
        return present().connection.operatorService;
      },
      get workflowService() {
        return present().connection.workflowService;
      },
    },
    get address() {
      return latest?.address ?? address;
    },
    get eager() {
      return present().eager;
    },
    get ui() {
      return latest?.ui ?? null;
    },
    ping: async (timeoutMs) => present().ping(timeoutMs),
    problem: async (timeoutMs) => (latest === undefined ? problem : latest.problem(timeoutMs)),
  };
  return {
    access,
    come,
    wait(newProblem) {
      problem = newProblem;
    },
  };
}
