import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMetrics } from '../../server/metrics.ts';

const operations = readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');

it('lists every metric that Kait has in the operations page, and no other', () => {
  const [section = ''] = /^## Metrics$.*?(?=^## )/ms.exec(operations) ?? [];
  const listed = [...section.matchAll(/^\| `(kait_\w+)` \|/gm)].map(([, name]) => name!);
  const { registry } = createMetrics(() => Promise.resolve(0));
  const defined = registry.getMetricsAsArray().map(({ name }) => name);
  expect(listed.sort()).toEqual(defined.sort());
});
