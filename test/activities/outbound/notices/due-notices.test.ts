import { expect, it } from 'vitest';
import { dueNotices } from '../../../../activities/outbound/notices/due-notices.ts';
import type { EndpointNotice } from '../../../../storage/schema.ts';

/** In minutes. A recovery has to last for five. */
const at = (minute: number) => new Date(Date.UTC(2026, 10, 28, 9, minute));
const notice = (kind: EndpointNotice, minute: number) => ({
  kind,
  at: at(minute),
  tellAt: at(kind === 'recovered' ? minute + 5 : minute),
});

const failing = (minute: number) => notice('failing', minute);
const recovered = (minute: number) => notice('recovered', minute);
const disabled = (minute: number) => notice('disabled', minute);

it.each([
  ['tells a failure at once', [failing(0)], 0, [failing(0)], []],
  ['waits until a recovery has lasted', [recovered(10)], 14, [], []],
  ['tells a recovery that has lasted', [recovered(10)], 15, [recovered(10)], []],
  [
    'drops a recovery that did not last, and the failure after it',
    [recovered(10), failing(12)],
    12,
    [],
    [recovered(10), failing(12)],
  ],
  ['tells a failure after a recovery that lasted', [recovered(10), failing(15)], 15, [recovered(10), failing(15)], []],
  ['tells that a failure has become final', [recovered(10), disabled(12)], 12, [disabled(12)], [recovered(10)]],
  [
    'tells of an endpoint that came and went only how it began and ended',
    [failing(0), recovered(1), failing(2), recovered(3), failing(4), recovered(5)],
    10,
    [failing(0), recovered(5)],
    [recovered(1), failing(2), recovered(3), failing(4)],
  ],
  [
    'waits with the last recovery of an endpoint that came and went',
    [recovered(1), failing(2), recovered(3)],
    7,
    [],
    [recovered(1), failing(2)],
  ],
  [
    'tells of both failures if a person enabled the endpoint in between',
    [failing(0), failing(9)],
    9,
    [failing(0), failing(9)],
    [],
  ],
])('%s', (_name, untold, minute, told, overtaken) => {
  expect(dueNotices(untold, at(minute))).toEqual({ told, overtaken });
});
