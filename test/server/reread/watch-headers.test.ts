import { expect, it } from 'vitest';
import { headerText } from '../../../server/gateway/request-view.ts';
import { watchHeaders } from '../../../server/reread/watch-headers.ts';

it('notes each absent header that was looked for, once and sorted', () => {
  const { headers, missing } = watchHeaders({ 'x-kept': 'a', 'x-empty': '' });
  const request = { method: 'POST', url: '/', headers, body: Buffer.alloc(0) };
  const read = ['x-topic', 'x-kept', 'x-empty', 'constructor', 'x-topic'].map((name) => headerText(request, name));
  expect(read).toEqual([undefined, 'a', '', undefined, undefined]);
  expect(missing()).toEqual(['constructor', 'x-topic']);
});

it('notes nothing if nothing is looked for', () => {
  expect(watchHeaders({}).missing()).toEqual([]);
});
