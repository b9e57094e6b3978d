import { expect, it } from 'vitest';
import { ApiRefusal } from '../../../cli/api-client.ts';
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

const end = { at, kind: 'end', workflow: 'paid', run: 'kait-1/paid/stripe/pi_1', status: 'Failed' };
const block = (id: string, event: string, data: object) =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
/** A stream of these lines, whose ids are counted from `first`. Bytes come in pieces of 7. */
const stream = (first: number, ...told: { kind: string }[]) => {
  const text = told.map((line, index) => block(String(first + index), line.kind, line)).join('');
  const bytes = new TextEncoder().encode(`retry: 1000\n\n${text}`);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_each, index) =>
    bytes.slice(index * 7, index * 7 + 7),
  );
  return new Response(ReadableStream.from(pieces));
};
const alive = { at, kind: 'alive' };
const refused = new ApiRefusal('KAIT_ADMIN_REFUSED', 'refused', { status: 401, problem: 'unauthorized' });

/** What is written until the server refuses. */
async function heard(answers: (Response | Error)[], options: ListenOptions = {}, takes = 1_000) {
  const asked: unknown[] = [];
  const written: string[] = [];
  const notes: string[] = [];
  const pauses: number[] = [];
  const left = [...answers, refused];
  const deps = {
    api: {
      open(path: string, { headers }: RequestInit = {}) {
        asked.push([decodeURIComponent(path), headers]);
        const answer = left.shift();
        return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(answer ?? refused);
      },
    },
    write: (line: string) => Promise.resolve(written.push(line) < takes),
    note: (line: string) => void notes.push(line),
    pause: (ms: number) => Promise.resolve(void pauses.push(ms)),
  };
  const outcome = await listen(deps, options).then(
    () => 'ended',
    (error: unknown) => error,
  );
  return { written, notes, pauses, asked, outcome };
}

const clock = new Date(at).toTimeString().slice(0, 8);

it('prints each webhook, run, delivery and rejection as a line, and the end of each run', async () => {
  const { written, asked, outcome } = await heard([stream(1, alive, ...lines, end)]);
  expect(written).toEqual([
    `${clock} ← stripe payment.succeeded pi_1`,
    `${clock} ▶ paid started for pi_1`,
    `${clock} → order.created to hooks.example  500 (attempt 2)`,
    `${clock} ✘ midtrans rejected signature (401) from 192.0.2.1`,
    `${clock} ✘ paid failed  kait-1/paid/stripe/pi_1`,
  ]);
  expect(asked[0]).toEqual(['/feed?', {}]);
  expect(outcome).toBe(refused);
});

it('leaves the choice of lines to the server', async () => {
  const { asked } = await heard([], { source: 'stripe', type: 'payment.succeeded', workflow: 'paid', json: true });
  expect(asked).toEqual([['/feed?source=stripe&type=payment.succeeded&workflow=paid', {}]]);
});

it('goes on after the last line that it has written, with the runs under way, and pauses longer each time', async () => {
  const broken = new KaitError('KAIT_NOT_RUNNING', 'Nothing answers.');
  const { written, notes, pauses, asked } = await heard([
    ...[stream(1, alive, webhook, run), broken, broken, stream(4, end), stream(5)],
  ]);
  expect(written).toHaveLength(3);
  const after = (id: string, open = '') => [`/feed?${open}`, { 'last-event-id': id }];
  const open = 'open=kait-1/paid/stripe/pi_1';
  expect(asked.slice(1)).toEqual([after('3', open), after('3', open), after('3', open), after('4'), after('4')]);
  expect(pauses).toEqual([500, 1_000, 2_000, 500, 500]);
  expect(notes.slice(0, 3)).toEqual([
    'Listening. End with Ctrl-C.',
    'The connection ended. Trying again.',
    'Connected again.',
  ]);
});

it('says nothing twice of a line that was cut off', async () => {
  const cut = new Response(`${block('1', 'webhook', webhook)}id: 2\nevent: run\ndata: {"kind`);
  const { written, asked } = await heard([cut]);
  expect(written).toHaveLength(1);
  expect(asked[1]).toEqual(['/feed?', { 'last-event-id': '1' }]);
});

it('does not begin if nothing answers', async () => {
  const broken = new KaitError('KAIT_NOT_RUNNING', 'Nothing answers.');
  expect((await heard([broken])).outcome).toBe(broken);
});

it('ends when nobody reads it any more', async () => {
  const { written, outcome } = await heard([stream(1, ...lines)], {}, 1);
  expect([written.length, outcome]).toEqual([1, 'ended']);
});

it('prints no control characters of strangers', async () => {
  const strange = { ...webhook, event: 'a\u001b[2Jb' };
  const { written } = await heard([stream(1, strange)]);
  expect(written.join('')).not.toContain('\u001b');
});
