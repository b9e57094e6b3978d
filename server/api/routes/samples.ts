import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import { notFound } from '../problem.ts';

const sample = z.object({
  name: z.string(),
  type: z.string(),
  event: z.unknown().describe('The canonical event: see `event.schema.json`.'),
});

export function addSampleRoute(api: Api, { presets, samplesOf }: Pick<ApiDeps, 'presets' | 'samplesOf'>): void {
  addRoute(api, {
    method: 'get',
    path: '/gateways/{gateway}/samples',
    scope: 'read',
    summary: 'The events of the samples of a gateway, as they would be stored',
    params: z.strictObject({ gateway: z.string().max(100).describe('the name of a gateway') }),
    answer: z.object({ items: z.array(sample.meta({ id: 'Sample' })) }),
    async handle({ params: { gateway } }) {
      const preset = presets.get(gateway);
      if (preset === undefined) throw notFound(`There is no gateway "${gateway}".`);
      return { items: await samplesOf(preset) };
    },
  });
}
