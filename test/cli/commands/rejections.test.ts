import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { recentRejectionsOf, showRejections } from '../../../cli/commands/rejections.ts';
import { hintFor } from '../../../server/receiver/rejection-hints.ts';
import { rejectionReasons } from '../../../server/gateway/schemes/scheme.ts';
import { edgeRejections } from '../../../server/receiver/rejection.ts';

const answer = {
  lastHour: [{ source: 'stripe', reason: 'wrong-signature', samples: 20, lastAt: '2026-01-02T03:04:05.000Z' }],
  counts: [
    { source: 'stripe', reason: 'wrong-signature', count: 12, lastDay: '2026-01-02' },
    { source: 'unknown', reason: 'too-many-connections', count: 1, lastDay: '2026-01-01' },
  ],
  secretFaults: [],
  items: [
    {
      ...{ at: '2026-01-02T03:04:05.000Z', source: 'stripe', reason: 'wrong-signature', status: 401, bytes: 1234 },
      ...{ address: '203.0.113.9', headerNames: ['host', 'x-\u001b[31m'] },
    },
    {
      ...{ at: '2026-01-01T03:04:05.000Z', source: 'unknown', reason: 'too-many-connections', status: 0, bytes: 0 },
      ...{ address: '2001:db8::7', headerNames: [] },
    },
  ],
};

it('prints the counts, what to do about each reason, and the sample', async () => {
  const { api, asked } = fakeApi(answer);
  expect((await showRejections(api, { limit: 20, source: 'stripe' })).split('\n')).toEqual([
    '! Rejected in the last hour:',
    'requests    source  reason           last at',
    '20 or more  stripe  wrong-signature  2026-01-02T03:04:05.000Z',
    '',
    'requests  source   reason                last on',
    '12        stripe   wrong-signature       2026-01-02',
    '1         unknown  too-many-connections  2026-01-01',
    '',
    'wrong-signature: The secret differs from the dashboard’s, is for test instead of live, or a proxy changes bodies.',
    'too-many-connections: More connections were open than KAIT_MAX_CONNECTIONS, or one address held more than three quarters of them.',
    '',
    'at                        source   reason                answered  from         bytes  headers',
    '2026-01-02T03:04:05.000Z  stripe   wrong-signature       401       203.0.113.9  1234   host x-\uFFFD[31m',
    '2026-01-01T03:04:05.000Z  unknown  too-many-connections  closed    2001:db8::7  0',
  ]);
  expect(asked).toEqual(['GET /rejections?limit=20&source=stripe']);
});

it('says so if there was none', async () => {
  const { api } = fakeApi({ lastHour: [], counts: [], items: [], secretFaults: [] });
  expect(await showRejections(api, { limit: 20 })).toBe('No request was rejected in the last seven days.');
});

it('says first if nothing was rejected in the last hour', async () => {
  const { api } = fakeApi({ ...answer, lastHour: [] });
  expect(await showRejections(api, { limit: 20 })).toMatch(/^Nothing was rejected in the last hour\.\n\nrequests/);
});

it('tells of a source what was rejected in the last hour and what to do, or nothing', async () => {
  expect(await recentRejectionsOf(fakeApi(answer).api, 'stripe')).toMatch(
    /^! Rejected in the last hour:\n(?:.*\n){2}wrong-signature: The secret differs from the dashboard’s/,
  );
  expect(await recentRejectionsOf(fakeApi({ ...answer, lastHour: [] }).api, 'stripe')).toBeNull();
});

it('has a hint of its own for every reason', () => {
  const hints = [...rejectionReasons, ...Object.keys(edgeRejections)].map(hintFor);
  expect(new Set(hints).size).toBe(hints.length);
  expect(hints).not.toContain(hintFor('constructor'));
});

it('names the secrets of a rejecting source that look as if they were copied wrongly', async () => {
  const fault = { variable: 'STRIPE_SECRET', fault: 'ends with a blank or a line break' };
  const secretFaults = [
    { source: 'stripe', ...fault },
    { source: 'quiet', ...fault },
  ];
  const shown = await showRejections(fakeApi({ ...answer, secretFaults }).api, { limit: 20 });

  expect(shown).toContain('\nstripe: its secret STRIPE_SECRET ends with a blank or a line break.\n');
  expect(shown).not.toContain('quiet');
});
