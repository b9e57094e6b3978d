import type { Definition, RunInput } from '../language/definition.ts';
import { type CanonicalEvent, noFacts } from '../language/event.ts';

/**
 * The input with which a definition of Kait's own is interpreted, so that its run is one like any other, with a checklist in the Web UI. Its event is
 * invented: it says what the run is about. `at` is when the run was asked for.
 */
export function ownRunOf(
  definition: Definition,
  about: Pick<CanonicalEvent, 'id' | 'source' | 'gateway' | 'nativeType' | 'entity'>,
  at: Date,
): RunInput {
  const instant = at.toISOString();
  return {
    definition,
    definitionHash: definition.name,
    localActivities: [],
    event: {
      id: about.id,
      source: about.source,
      gateway: about.gateway,
      type: `kait:${about.nativeType}`,
      nativeType: about.nativeType,
      occurredAt: instant,
      receivedAt: instant,
      entity: about.entity,
      tenant: null,
      ...noFacts,
      data: null,
    },
  };
}
