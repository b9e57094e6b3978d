import { expect, it } from 'vitest';
import { describeSource, setupText } from '../../../cli/sources/described-source.ts';
import { KaitError } from '../../../errors.ts';
import { readSources } from '../../../server/gateway/sources.ts';
import { shippedPresets } from '../../server/gateway/gateways.ts';

const presets = await shippedPresets();
const sourcesText = JSON.stringify({ shop: { gateway: 'stripe', secrets: ['GOOD', 'BLANK', 'CUT', 'GONE'] } });
const entries = readSources({ presets, sourcesText, file: 'sources.json' });

function lookupSecret(name: string): string | undefined {
  if (name === 'CUT') throw new KaitError('KAIT_CONFIG_INVALID', 'CUT has a # in line 3 of .env');
  return { GOOD: 'whsec_good', BLANK: 'whsec_blank ' }[name];
}

const described = describeSource({ presets, entries }, 'shop', { publicUrl: 'https://x.example', lookupSecret });

it('names the secrets that are missing, unusable or copied wrongly', () => {
  expect(described.missing).toEqual(['GONE']);
  expect(described.faults).toEqual([
    { variable: 'BLANK', fault: 'ends with a blank or a line break' },
    { variable: 'CUT', fault: 'cannot be used. CUT has a # in line 3 of .env' },
  ]);
});

it('prints them, and none of the secrets', () => {
  const text = setupText(described);

  expect(text).toContain('GOOD is set');
  expect(text).toContain('BLANK ends with a blank or a line break');
  expect(text).not.toContain('BLANK is set');
  expect(text).toContain('CUT cannot be used. CUT has a # in line 3 of .env');
  expect(text).not.toMatch(/whsec_(?:good|blank)/);
});
