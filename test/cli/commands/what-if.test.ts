import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whatIf, type WhatIfOptions } from '../../../cli/commands/what-if.ts';
import { completeEvent } from '../../../simulator/complete-event.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';
import { fakeApi } from '../fake-api.ts';

const folder = sharedTemporaryFolder();
const on = { event: 'payment.succeeded' };
const served = { name: 'shop', on, steps: [{ id: 'note', set: { a: '{{event.payment.amount}}' } }] };
const draft = { ...served, on: { ...on, if: { '>': [{ var: 'event.payment.amount' }, 1_000] } } };

const listed = (eventId: string, receivedAt: string, state = 'dispatched') => ({
  source: 'shop',
  eventId,
  receivedAt,
  state,
});
const { data, ...envelope } = completeEvent(
  { source: 'shop', payment: { amount: 500, currency: 'IDR', orderId: 'INV-7' } },
  { on },
).event;
const shown = {
  ...{ state: 'dispatched', lastError: null, hasDetails: true, envelope, data, body: { hidden: null } },
  runs: [{ workflowId: 'kait-test/shop/shop/evt_1' }],
};
const missing = new Response(JSON.stringify({ detail: 'No definition "shop" is served.', code: 'not-found' }), {
  status: 404,
});

async function ask(
  answers: unknown[],
  { text = JSON.stringify(draft), ...options }: Partial<WhatIfOptions> & { text?: string } = {},
) {
  const file = join(folder.path, 'shop.json');
  await writeFile(file, text);
  const { api, asked } = fakeApi(...answers);
  const lines: string[] = [];
  const notes: string[] = [];
  const exitCode = await whatIf(
    file,
    { since: '2026-11-20T00:00:00Z', limit: 1_000, ...options },
    { api, write: (line) => void lines.push(line), note: (line) => void notes.push(line) },
  );
  return { exitCode, output: lines.join('\n'), notes: notes.join('\n'), asked };
}

it('compares with what is served, on the events since then, page by page', async () => {
  const { exitCode, output, asked } = await ask([
    { definition: served, children: {} },
    { items: [listed('evt_1', '2026-11-21T00:00:00Z')], next: 'more.cursor' },
    shown,
    { items: [listed('evt_2', '2026-11-20T10:00:00Z'), listed('evt_3', '2026-11-19T00:00:00Z')], next: 'last.cursor' },
    { ...shown, hasDetails: false },
  ]);
  expect(exitCode).toBe(1);
  expect(output.split('\n')).toEqual([
    '2 events looked at: 1 would be different, 0 the same.',
    'Runs would start for 0, now for 1.',
    '',
    '1 event, IDR 5.00:',
    '  no run would start',
    '  such as shop/evt_1 INV-7 IDR 5.00: if is false: event.payment.amount (500) > 1000',
    '',
    '1 event: cannot tell, because their details are no longer kept.',
    'Both definitions were simulated: nobody answers, no other event comes, and nothing was sent.',
  ]);
  expect(asked).toEqual([
    'GET /definitions/shop',
    'GET /events?limit=200',
    'GET /events/shop/evt_1',
    'GET /events?limit=200&cursor=more.cursor',
    'GET /events/shop/evt_2',
  ]);
});

it('says nothing is different with the exit code 0, as JSON if that is asked for', async () => {
  const page = { items: [listed('evt_1', '2026-11-21T00:00:00Z')], next: null };
  const answers = [{ definition: draft, children: {} }, page, shown];
  const { exitCode, output } = await ask(answers, { json: true, source: 'shop' });
  expect(exitCode).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ definition: 'shop', looked: 1, same: 1, different: 0, groups: [] });
});

it('looks at no more events than asked for', async () => {
  const page = { items: [listed('evt_1', '2026-11-21T00:00:00Z')], next: 'more.cursor' };
  const { asked } = await ask([{ definition: served, children: {} }, page, shown], { limit: 1 });
  expect(asked).toEqual(['GET /definitions/shop', 'GET /events?limit=1', 'GET /events/shop/evt_1']);
});

it('counts events whose data is gone only if a definition reads it, and test events never', async () => {
  const page = {
    items: [listed('evt_1', '2026-11-21T00:00:00Z'), listed('evt_2', '2026-11-21T00:00:00Z', 'ignored')],
    next: null,
  };
  const gone = { ...shown, data: null, body: null };
  const test = { ...shown, state: 'ignored', lastError: 'test event' };
  const reads = { ...served, steps: [{ id: 'note', set: { a: '{{event.data.line}}' } }] };
  const { output } = await ask([{ definition: reads, children: {} }, page, gone, test], { json: true });
  expect(JSON.parse(output)).toMatchObject({
    looked: 2,
    unknown: { 'their bodies are no longer kept or cannot be read': 1, 'they are test events, which start nothing': 1 },
  });
  const without = await ask([{ definition: served, children: {} }, page, gone, test], { json: true });
  expect(JSON.parse(without.output)).toMatchObject({ looked: 2, different: 1 });
});

it('says that everything is new if no such definition is served', async () => {
  const page = { items: [listed('evt_1', '2026-11-21T00:00:00Z')], next: null };
  const { exitCode, output } = await ask([missing, page, shown], { text: JSON.stringify(served) });
  expect(exitCode).toBe(1);
  expect(output).toContain('No definition "shop" is served, so everything that the draft does is new.');
});

it('shows the mistakes of a draft, and asks nothing', async () => {
  const text = JSON.stringify({ ...draft, stepz: [] });
  const { exitCode, notes, output, asked } = await ask([{}], { text });
  expect([exitCode, output, asked]).toEqual([2, '', []]);
  expect(notes).toContain('KAIT1101');
});
