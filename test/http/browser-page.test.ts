import { expect, it } from 'vitest';
import { isForeignPage, isOwnHost } from '../../http/browser-page.ts';

it.each([
  ...['127.0.0.1', '127.0.0.1:8701', 'localhost', 'LOCALHOST:1', '[::1]', '[::1]:8701', '10.0.0.5:8701', '[fd00::5]'],
  ...['kait.internal', 'Kait.Internal:8701'],
])('takes %s for a name of this server', (host) => {
  expect(isOwnHost(host, ['kait.internal'])).toBe(true);
});

it.each([
  ...['', 'attacker.example', 'attacker.example:8701', 'localhost.attacker.example', '127.0.0.1.nip.io', 'localhost.'],
  ...['kait.internal.attacker.example', 'xkait.internal', 'kait', '127.1', '2130706433', '0x7f.0.0.1', '127.0.0.1.'],
  ...['::1', '[attacker.example]', '[127.0.0.1]', '[::1', '127.0.0.1:', '127.0.0.1:123456', '127.0.0.1:8701:1'],
  ...[
    '0.0.0.0',
    '0.0.0.0:8701',
    '[::]',
    '[0:0::0]:8701',
    'user@127.0.0.1',
    '127.0.0.1/',
    'localhost, attacker.example',
    ' localhost',
    '127.0.0.1\n',
  ],
])('takes %j for a name of somebody else', (host) => {
  expect(isOwnHost(host, ['kait.internal'])).toBe(false);
});

it('takes a missing host for one of somebody else', () => {
  expect(isOwnHost(undefined, ['kait.internal'])).toBe(false);
});

const host = '127.0.0.1:8701';

it.each([
  [{}, false],
  [{ origin: 'http://127.0.0.1:8701' }, false],
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-mode': 'cors' }, false],
  [{ origin: 'null' }, true],
  [{ origin: '' }, true],
  [{ origin: 'https://127.0.0.1:8701' }, true],
  [{ origin: 'http://127.0.0.1:8702' }, true],
  [{ origin: 'https://attacker.example' }, true],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ 'sec-fetch-site': '' }, true],
  [{ origin: 'http://127.0.0.1:8701', 'sec-fetch-site': 'cross-site' }, true],
])('sees by %j whether another site’s page asks: %s', (headers, isForeign) => {
  expect(isForeignPage({ host, ...headers })).toBe(isForeign);
});
