import { expect, it } from 'vitest';
import type { ApiClient } from '../../../cli/api-client.ts';
import { listen, type ListenOptions } from '../../../cli/commands/listen.ts';
import { KaitError } from '../../../errors.ts';

const at = '2026-01-01T00:00:00.000Z';
const webhook = {
  at,
  kind: 'webhook',
  source: 'stripe',
  type: 'payment.succeeded',
  event: 'pi_1',
  state: 'pending',
  reason: null,
};
const run = {
  ...{ at, kind: 'run', source: 'stripe', type: 'payment.succeeded', event: 'pi_1', workflow: 'paid' },
  run: 'kait-1/paid/stripe/pi_1',
};
const delivery = {
  ...{ at, kind: 'delivery', type: 'order.created', host: 'hooks.example', status: 500, error: null, attempt: 2 },
  key: 'kait-1/paid/stripe/pi_1/tell',
};
const rejection = { at, kind: 'rejection', source: 'midtrans', reason: 'signature', status: 401, address: '192.0.2.1' };
const lines = [webhook, run, delivery, rejection];

/** Answers the requests in this order; an error is thrown. */
function serverWith(answers: unknown[]) {
  const asked: unknown[] = [];
  const post = (_path: string, { body }: { body: unknown }) => {
    asked.push(body);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ data: answer });
  };
  return { asked, api: { POST: post } as unknown as ApiClient };
}

const positions = (number: number) => ({ events: { last: number, gaps: [] } });
const answer = (told: unknown[], number: number, ended: unknown[] = []) => ({
  lines: told,
  positions: positions(number),
  ended,
});
const refused = new KaitError('KAIT_ADMIN_REFUSED', 'refused');

/** What is written until the server refuses. */
async function heard(answers: unknown[], options: ListenOptions = {}) {
  const server = serverWith([...answers, refused]);
  const written: string[] = [];
  const notes: string[] = [];
  const pauses: number[] = [];
  await listen(
    {
      api: server.api,
      write: (line) => Promise.resolve(written.push(line) > 0),
      note: (line) => void notes.push(line),
      pause: (ms) => Promise.resolve(void pauses.push(ms)),
      now: () => new Date(at),
    },
    options,
  ).catch((error: unknown) => expect(error).toBe(refused));
  return { written, notes, pauses, asked: server.asked };
}

const clock = new Date(at).toTimeString().slice(0, 8);

it('prints each webhook, run, delivery and rejection as a line, and the end of each run', async () => {
  const ended = [{ run: 'kait-1/paid/stripe/pi_1', status: 'Failed' }];
  const { written, asked } = await heard([answer([], 1), answer(lines, 2), answer([], 3, ended)]);
  expect(written).toEqual([
    `${clock} ← stripe payment.succeeded pi_1`,
    `${clock} ▶ paid started for pi_1`,
    `${clock} → order.created to hooks.example  500 (attempt 2)`,
    `${clock} ✘ midtrans rejected signature (401) from 192.0.2.1`,
    `${clock} ✘ paid failed  kait-1/paid/stripe/pi_1`,
  ]);
  expect(asked).toEqual([
    { open: [] },
    { open: [], positions: positions(1) },
    { open: ['kait-1/paid/stripe/pi_1'], positions: positions(2) },
    { open: [], positions: positions(3) },
  ]);
});

it.each<{ options: ListenOptions; kinds: string[] }>([
  { options: { source: 'stripe' }, kinds: ['webhook', 'run', 'delivery'] },
  { options: { source: 'midtrans' }, kinds: ['rejection'] },
  { options: { type: 'payment.succeeded' }, kinds: ['webhook', 'run'] },
  { options: { type: 'order.created' }, kinds: ['delivery'] },
  { options: { workflow: 'paid' }, kinds: ['run', 'delivery'] },
  { options: { workflow: 'other' }, kinds: [] },
])('prints only what $options asks for, as JSON', async ({ options, kinds }) => {
  const { written } = await heard([answer([], 1), answer(lines, 2)], { ...options, json: true });
  expect(written.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(kinds);
});

it('goes on where it was after a broken connection, and pauses longer each time', async () => {
  const broken = new KaitError('KAIT_NOT_RUNNING', 'Nothing answers.');
  const { written, notes, pauses, asked } = await heard([
    ...[answer([], 1), answer([webhook], 2), broken, broken, answer([run], 3)],
  ]);
  expect(written).toHaveLength(2);
  expect(asked.slice(2, 5)).toEqual(Array(3).fill({ open: [], positions: positions(2) }));
  expect(pauses).toEqual([500, 1_000]);
  expect(notes).toEqual(['Listening. End with Ctrl-C.', 'Nothing answers. Trying again.', 'Connected again.']);
});

it('ends when nobody reads it any more', async () => {
  const server = serverWith([answer([], 1), answer(lines, 2)]);
  const deps = { note: () => undefined, pause: () => Promise.resolve(), now: () => new Date(at) };
  await listen({ ...deps, api: server.api, write: () => Promise.resolve(false) }, {});
  expect(server.asked).toHaveLength(2);
});

it('prints no control characters of strangers', async () => {
  const { written } = await heard([answer([], 1), answer([{ ...webhook, event: 'a\u001b[2Jb' }], 2)]);
  expect(written.join('')).not.toContain('\u001b');
});
