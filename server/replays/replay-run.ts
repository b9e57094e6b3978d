import type { Definition, RunInput } from '../../language/definition.ts';
import { ownSource } from '../../language/triggers.ts';
import { replayDefinition } from '../../storage/outbound/replayed.ts';
import { ownRunOf } from '../own-run.ts';
import { workflowIdOf } from '../start-run.ts';

/** A replay as a run like any other: it is shown, paused and canceled as one. */
const definition: Definition = {
  name: replayDefinition,
  title: 'Replay of webhooks',
  on: 'run',
  onFail: 'park',
  vars: { isDone: false },
  steps: [
    {
      id: 'batches',
      title: 'Send them again, batch by batch',
      while: { '!': [{ var: 'vars.isDone' }] },
      max: 1_000_000, // An end, so that a fault cannot make it run forever.
      do: [
        {
          id: 'batch',
          title: 'Send the next batch',
          call: 'outbound.replay',
          with: { batch: '{{index}}' },
          timeout: '2m',
          retry: { attempts: 20, first: '1s', factor: 2, max: '5m' },
        },
        { id: 'note', title: 'See whether it was the last one', set: { isDone: '{{steps.batch.isDone}}' } },
        // Other deliveries are handed to Temporal meanwhile.
        { id: 'rest', title: 'Leave room for others', if: { '!': [{ var: 'vars.isDone' }] }, wait: '2s' },
      ],
    },
  ],
};

/** The input of its run, whose event names the replay. */
export function replayRunOf({ id, requestedAt }: { id: string; requestedAt: Date }): RunInput {
  const about = { id, source: ownSource, gateway: ownSource, nativeType: 'replay', entity: id };
  return ownRunOf(definition, about, requestedAt);
}

export function replayRunId(installation: string, id: string): string {
  return workflowIdOf(installation, replayDefinition, { source: ownSource, id });
}
