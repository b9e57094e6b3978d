import { expect, it } from 'vitest';
import { isLoopback } from '../../language/loopback.ts';

it.each([
  ...['localhost', 'LOCALHOST', 'localhost:25', '127.0.0.1', '127.0.0.1:25', '127.255.0.9', '127.1', '2130706433'],
  ...['[::1]', '[::1]:25', '[0:0:0:0:0:0:0:1]'],
])('takes %s for this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

it.each([
  ...[
    'mail.shop.example',
    'localhost.shop.example',
    'evil-localhost',
    'localhost.',
    '127.0.0.1.shop.example',
    '128.0.0.1',
  ],
  ...['0.0.0.0', '10.0.0.1', '[::]', '[::ffff:10.0.0.1]', '127.0.0.1@shop.example', 'shop.example@127.0.0.1'],
  ...['shop.example/127.0.0.1', 'shop.example\\127.0.0.1', '127.0.0.1#shop.example', '', '127.999.0.1'],
])('takes %s for another machine', (host) => {
  expect(isLoopback(host)).toBe(false);
});
