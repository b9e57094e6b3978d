import type { Definition, RunInput } from '../language/definition.ts';

/** The name of Kait's own definition, which is the workflow type in Temporal. */
export const reconcileDefinitionName = 'kait-reconcile';

const definition: Definition = {
  name: reconcileDefinitionName,
  title: 'Reconcile',
  on: 'run',
  steps: [
    {
      id: 'ask',
      title: 'Ask the gateway for events that did not arrive',
      call: 'gateway.reconcile',
      with: { source: '{{event.source}}' },
      // The requests of one pass, one after the other. A worker that was killed is noticed by its heartbeats.
      timeout: '30m',
      heartbeat: '30s',
      retry: { attempts: 6, first: '30s', factor: 2, max: '10m' },
    },
  ],
  output: '{{steps.ask}}',
};

/**
 * What a schedule starts the interpreter with, so that a reconciliation is a run like any other, with a checklist in the Web UI. Its
 * event is made up: it names the source, and `at` says when the schedule was written.
 */
export function reconcileRunOf({ source, gateway, at }: { source: string; gateway: string; at: Date }): RunInput {
  const instant = at.toISOString();
  return {
    definition,
    definitionHash: reconcileDefinitionName,
    localActivities: [],
    event: {
      id: reconcileDefinitionName,
      source,
      gateway,
      type: 'kait:reconcile',
      nativeType: 'reconcile',
      occurredAt: instant,
      receivedAt: instant,
      entity: null,
      tenant: null,
      payment: null,
      data: null,
    },
  };
}
