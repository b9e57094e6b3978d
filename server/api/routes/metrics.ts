import { z } from 'zod';
import type { Metrics } from '../../metrics.ts';
import type { Api } from '../define-route.ts';

/** `GET /metrics`, for Prometheus. It is no part of the versioned API, and needs a key with the scope `read`. */
export function addMetricsRoute({ app }: Pick<Api, 'app'>, { metrics }: { metrics: Metrics }): void {
  app.get(
    '/metrics',
    { config: { scope: 'read' }, schema: { querystring: z.strictObject({}) } },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
