import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadPresets } from '../../../server/gateway/presets.ts';
import { createSourcesSchema } from '../../../server/gateway/source-schema.ts';

const presets = await loadPresets(fileURLToPath(new URL('../../../definitions/gateways', import.meta.url)));

it('lets no source have the name of Kait’s own events', () => {
  const parsed = createSourcesSchema(presets, null).safeParse({ kait: { gateway: 'stripe', secrets: ['A'] } });
  const messages = parsed.error?.issues.map(({ message }) => message);
  expect(messages).toContain('"kait" is kept for the events that Kait itself makes');
});
