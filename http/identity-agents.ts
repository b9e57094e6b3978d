import type { Dispatcher } from 'undici';
import type { DialOptions } from './dial.ts';
import { createGuardedAgent } from './guarded-agent.ts';
import { identityDigest, secureContextOf, type TlsIdentity } from './tls-identity.ts';

export interface IdentityAgents {
  /**
   * A guarded agent whose connections show the certificate, so that no other request gets one of them. Use it at once: it may be
   * closed when others are asked for. Throws `TlsIdentityError`.
   */
  agentWith: (identity: TlsIdentity) => Dispatcher;
  close: () => Promise<void>;
}

/** Keeps the agents of the identities that were used last, at most `most`. Those that it drops finish what they are doing. */
export function createIdentityAgents(
  options: Omit<DialOptions, 'secureContext'>,
  { most = 100 }: { most?: number } = {},
): IdentityAgents {
  const agents = new Map<string, Dispatcher>();
  return {
    agentWith(identity) {
      const digest = identityDigest(identity);
      const agent = agents.get(digest) ?? createGuardedAgent({ ...options, secureContext: secureContextOf(identity) });
      agents.delete(digest); // The order of the map is that of the last use.
      agents.set(digest, agent);
      const [oldest] = agents;
      if (agents.size > most && oldest !== undefined) {
        agents.delete(oldest[0]);
        void oldest[1].close();
      }
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}
