import { parseShape } from '../parse-input.ts';
import { confirmEvent, type ConfirmDeps } from './confirm-event.ts';
import { fetchEvent, type FetchDeps } from './fetch-event.ts';
import {
  gatewayActivities,
  type GatewayActivityName,
  type GatewayInput,
  type GatewayOutput,
} from './gateway-activities.ts';
import { reconcileSource, type ReconcileDeps } from './reconcile-source.ts';

export type GatewayActivityDeps = ConfirmDeps & FetchDeps & ReconcileDeps;

/** Of the runs' task queue. */
export function createGatewayActivities(deps: GatewayActivityDeps) {
  return {
    'gateway.confirm': checked('gateway.confirm', (input) => confirmEvent(deps, input)),
    'gateway.reconcile': checked('gateway.reconcile', (input) => reconcileSource(deps, input)),
  };
}

/** Of the deliveries' task queue: a gateway that is slow must not hold up the runs. */
export function createFetchActivities(deps: FetchDeps) {
  return { 'gateway.fetch': (input: unknown) => fetchEvent(deps, input) };
}

/** What arrives comes from history, not from the type checker. */
function checked<Name extends GatewayActivityName>(
  name: Name,
  act: (input: GatewayInput<Name>) => Promise<GatewayOutput<Name>>,
) {
  // TypeScript does not tie a looked-up schema to `Name`.
  return async (input: unknown) => act(parseShape(name, gatewayActivities[name].input, input) as GatewayInput<Name>);
}
