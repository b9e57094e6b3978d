import { expect, it } from 'vitest';
import { apiKeyVariable } from '../../../../server/gateway/ask/api-key-variable.ts';

it.each([
  ['the variable that the source names', { apiKey: 'KEY', secrets: ['S'] }, true, 'KEY'],
  ['a secret that is the key too', { secrets: ['MIDTRANS_SERVER_KEY'] }, true, 'MIDTRANS_SERVER_KEY'],
  ['the source’s name if no secret is the key', { secrets: ['S'] }, false, 'TOKO_KOPI_API_KEY'],
  ['the source’s name if it has no secret', { secrets: [] }, true, 'TOKO_KOPI_API_KEY'],
])('takes the API key from %s', (_what, entry, apiKeyIsSecret, variable) => {
  expect(apiKeyVariable('toko-kopi', entry, { apiKeyIsSecret })).toBe(variable);
});
