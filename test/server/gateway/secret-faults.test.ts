import { expect, it } from 'vitest';
import { faultOf } from '../../../server/gateway/secret-faults.ts';

const copied = 'which copying from a web page brings along';

it.each([
  [' whsec_abc', 'begins with a blank or a line break'],
  ['whsec_abc\t', 'ends with a blank or a line break'],
  ['whsec_abc\n\n', 'ends with a blank or a line break'],
  ['\u00a0whsec_abc', `has a no-break space, ${copied}`],
  ['whsec\u202fabc', `has a no-break space, ${copied}`],
  ['whsec_abc\u200b', `has an invisible character, ${copied}`],
  ['\ufeffwhsec_abc', `has an invisible character, ${copied}`],
  ['whsec\u00ad_abc', `has an invisible character, ${copied}`],
  ['“whsec_abc”', 'has typographic quotes. Write " or leave them out'],
  ['‘whsec_abc', 'has typographic quotes. Write " or leave them out'],
  ['"whsec_abc"', 'has quotes around it that are part of the value'],
  ["'whsec_abc'", 'has quotes around it that are part of the value'],
  ['STRIPE=whsec_abc', 'begins with the name of a variable. Leave out the name and the ='],
  ['OTHER_SECRET=whsec_abc', 'begins with the name of a variable. Leave out the name and the ='],
  ['export STRIPE=whsec_abc', 'begins with the name of a variable. Leave out the name and the ='],
  ['v1,whsec_abc', 'begins with "v1,". The secret is the part from whsec_ on'],
  ['v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=', 'looks like a signature, not like a secret'],
  ['t=1767225600,v1=abc', 'looks like a signature, not like a secret'],
  ['sha256=abc', 'looks like a signature, not like a secret'],
])('finds the fault of %j', (secret, fault) => {
  expect(faultOf('STRIPE', secret)).toBe(fault);
});

it.each([
  '',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'a pass phrase',
  '#a"b\'c',
  'ABCDEF==',
  'AB_CD==',
  'v1',
  'tést-geheim',
  '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n',
  'user:pass=word',
])('finds none in %j', (secret) => {
  expect(faultOf('STRIPE', secret)).toBeNull();
});
