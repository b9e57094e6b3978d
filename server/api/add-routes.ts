import type { ApiDeps } from './api-deps.ts';
import type { Api } from './define-route.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addDefinitionRoutes } from './routes/definitions.ts';
import { addBodyRoutes } from './routes/bodies.ts';
import { addCommandRoutes } from './routes/commands.ts';
import { addDeliveryRoutes } from './routes/deliveries.ts';
import { addEndpointRoutes } from './routes/endpoints.ts';
import { addEventRoutes } from './routes/events.ts';
import { addEventTypeRoutes } from './routes/event-types.ts';
import { addFeedRoutes } from './routes/feed.ts';
import { addFindRoutes } from './routes/find.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addPublishedRoutes } from './routes/published.ts';
import { addRejectionRoutes } from './routes/rejections.ts';
import { addMigrationRoutes } from './routes/migrations.ts';
import { addRetryRoutes } from './routes/retries.ts';
import { addRunRoutes } from './routes/runs.ts';
import { addScheduleRoutes } from './routes/schedules.ts';
import { addSourceRoutes } from './routes/sources.ts';
import { addStatusRoutes } from './routes/status.ts';
import { addTurnRoutes } from './routes/turns.ts';

/** Adds every route of the API: one function for each file in `routes/`. */
export function addRoutes(api: Api, deps: ApiDeps): void {
  addStatusRoutes(api, deps);
  addEventRoutes(api, deps);
  addEventTypeRoutes(api, deps);
  addBodyRoutes(api, deps);
  addSourceRoutes(api, deps);
  addRunRoutes(api, deps);
  addFindRoutes(api, deps);
  addDefinitionRoutes(api, deps);
  addScheduleRoutes(api, deps);
  addCommandRoutes(api, deps);
  addRetryRoutes(api, deps);
  addMigrationRoutes(api, deps);
  addApprovalRoutes(api, deps);
  addTurnRoutes(api, deps);
  addDeliveryRoutes(api, deps);
  addEndpointRoutes(api, deps);
  addRejectionRoutes(api, deps);
  addPublishedRoutes(api, deps);
  addKeyRoutes(api, deps);
  addFeedRoutes(api, deps);
  addMetricsRoute(api, deps);
}
