import { localActivityNames } from '../../activities/catalogue.ts';
import type { Config } from '../../config.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { confirmStep, dispatchEvent, type DispatchOutcome } from '../../server/dispatch-event.ts';
import { isNotice } from '../../server/gateway/ask/read-webhook.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import { createStartFetch } from '../../server/start-fetch.ts';
import { createStartRun } from '../../server/start-run.ts';
import { deliveryTaskQueue } from '../../worker/start-worker.ts';
import type { TemporalAccess } from './temporal-access.ts';

/** What becomes of a stored event: runs, which ask the gateway first where its source wants that; of a notice, the question. */
export function composeDispatch(deps: {
  config: Pick<Config, 'taskQueue'>;
  temporal: TemporalAccess;
  sources: Pick<SourceRegistry, 'find'>;
  definitions: LoadedDefinition[];
}): (event: CanonicalEvent) => Promise<DispatchOutcome> {
  const { definitions, sources } = deps;
  const { client, eager } = deps.temporal;
  const { taskQueue } = deps.config;
  const startRun = createStartRun({ client, taskQueue, eager });
  const startFetch = createStartFetch({ client: client.activity, taskQueue: deliveryTaskQueue(taskQueue) });
  return (event) => {
    if (isNotice(event)) return startFetch(event);
    const first = sources.find(event.source)?.confirm === true ? [confirmStep] : [];
    return dispatchEvent(event, { definitions, startRun, localActivities: localActivityNames(), first });
  };
}
