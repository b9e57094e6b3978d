import type { Random } from '../chaos/random.ts';

/** Bytes of any value. */
export function randomBytes(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.between(1, most) }, () => random.between(0, 255)));
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.between(0, items.length - 1)]!; // Nobody picks from none.
}

/**
 * Something like a request that no client of good will would send. Most of it is in order: where everything is wrong, the first
 * thing that is hides the others.
 */
export function hostileRequest(random: Random, paths: readonly string[]): Buffer {
  const count = random.chance(0.02) ? random.between(100, 3_000) : random.between(0, random.chance(0.8) ? 2 : 12);
  const method = random.chance(0.8) ? pick(random, methods) : pick(random, oddMethods);
  const target = random.chance(0.8) ? pick(random, paths) : pick(random, oddTargets);
  const version = random.chance(0.9) ? 'HTTP/1.1' : pick(random, oddVersions);
  const lines = [
    `${method} ${target} ${version}`,
    ...(random.chance(0.95) ? ['host: kait.test'] : []),
    ...Array.from({ length: count }, () => (random.chance(0.6) ? pick(random, headers) : randomHeader(random))),
  ];
  const end = random.chance(0.97) ? '\r\n' : '\n';
  return Buffer.concat([Buffer.from(lines.join(end) + end + end, 'latin1'), pick(random, bodies)(random)]);
}

/** Bytes changed, put in or taken out. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  let damagedBytes = bytes;
  for (let times = random.between(1, 4); times > 0; times--) {
    const at = random.between(0, damagedBytes.length - 1);
    const [before, after] = [damagedBytes.subarray(0, at), damagedBytes.subarray(at + random.between(0, 1))];
    damagedBytes = Buffer.concat([before, Buffer.from([random.between(0, 255)]), after]);
  }
  return damagedBytes;
}

function randomHeader(random: Random): string {
  const name = random.chance(0.9) ? `x-${random.between(0, 1e9)}` : randomBytes(random, 20).toString('latin1');
  const value = random.chance(0.02)
    ? 'v'.repeat(random.between(1, 20_000))
    : randomBytes(random, 30).toString('latin1');
  return `${name}:${random.chance(0.9) ? value.replace(/[^ -~]/g, '.') : value}`;
}

const methods = 'POST POST POST POST GET HEAD PUT DELETE OPTIONS TRACE PATCH PROPFIND QUERY'.split(' ');
const oddMethods = ['CONNECT', 'post', 'PRI', 'SOURCE', 'X', '', 'POST\u0000', 'M-SEARCH'];
const oddVersions = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'http/1.1', '', 'ICE/1.0'];
const oddTargets = [
  '/',
  '*',
  '',
  '/in',
  '/in/',
  '/in//',
  '/in/%',
  '/in/%zz',
  '/in/%00',
  '/in/../../etc/passwd',
  '//',
  '/in/a/b/c',
]
  .concat([
    'http://',
    'http://kait.test',
    'https://[::1]:443/in/stripe',
    'kait.test:443',
    '/in/__proto__',
    '/in/constructor',
  ])
  .concat([
    `/${'a'.repeat(20_000)}`,
    '/in/stripe/\u0000',
    '/in/stripe?\u0001',
    '/in/stripe#x',
    '/healthz',
    '/readyz/',
    '/in/\u00e9',
  ]);
const headers = ['content-length: 0', 'content-length: 5', 'content-length: 99999999999999999999', 'content-length: -1']
  .concat(['content-length: 5, 5', 'content-length: 1e3', 'transfer-encoding: chunked', 'transfer-encoding: identity'])
  .concat(['transfer-encoding: chunked, chunked', 'transfer-encoding: gzip, chunked', 'Transfer-Encoding : chunked'])
  .concat(['connection: close', 'connection: keep-alive', 'connection: upgrade', 'upgrade: websocket', 'upgrade: h2c'])
  .concat([
    'expect: 100-continue',
    'expect: 200-ok',
    'content-type: application/json',
    'content-type: text/html',
    'content-type:',
  ])
  .concat([
    'content-type: ;;;=',
    'content-type: multipart/form-data',
    'content-encoding: gzip',
    'x-forwarded-for: 10.0.0.1',
  ])
  .concat([
    'x-forwarded-for: ,,,',
    'x-forwarded-for: <script>',
    'host: other',
    'accept-version: 1',
    ' folded: yes',
    ': nameless',
  ])
  .concat([
    'stripe-signature: t=,v1=',
    'authorization: Basic !!!',
    'webhook-signature: v1,',
    'cookie: a=b',
    '__proto__: x',
  ]);
const bodies: ((random: Random) => Buffer)[] = [
  () => Buffer.alloc(0),
  (random) => randomBytes(random, 300),
  () => Buffer.from('hello'),
  () => Buffer.from('0\r\n\r\n'),
  () => Buffer.from('5\r\nhello\r\n0\r\n\r\n'),
  () => Buffer.from('5;ext="x"\r\nhello\r\n0\r\ntrailer: x\r\n\r\n'),
  () => Buffer.from('fffffffffffffffff\r\n'),
  () => Buffer.from('-1\r\nx\r\n'),
  () => Buffer.from('zz\r\n'),
  (random) => Buffer.from('{"a":'.repeat(random.between(1, 5_000))),
];
