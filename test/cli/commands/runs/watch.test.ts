import { expect, it } from 'vitest';
import { ApiRefusal } from '../../../../cli/api-client.ts';
import { watchRun } from '../../../../cli/commands/runs/watch.ts';
import { KaitError } from '../../../../errors.ts';

const change = (kind: string, more: object = {}) => ({
  ...{ kind, at: '2026-01-01T00:00:00.000Z', step: null, status: null, text: null, result: null },
  ...more,
});
const event = (id: string, data: { kind: string }) =>
  `id: ${id}\nevent: ${data.kind}\ndata: ${JSON.stringify(data)}\n\n`;
const order = event('1', change('step', { step: 'order', status: 'done' }));
const completed = event('2', change('end', { status: 'COMPLETED', result: { value: { id: 'ord_1' } } }));

async function watch(answers: (string | Error)[], options: { json?: boolean } = {}, takes = true) {
  const [lines, notes, asked]: [string[], string[], unknown[]] = [[], [], []];
  const code = await watchRun(
    {
      api: {
        open(path, { headers } = {}) {
          asked.push([path, headers]);
          const answer = answers.shift() ?? '';
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(new Response(answer));
        },
      },
      write: (line) => {
        lines.push(line);
        return Promise.resolve(takes);
      },
      note: (line) => notes.push(line),
      pause: () => Promise.resolve(),
    },
    'kait-1/order/stripe/evt_1',
    { utc: true, ...options },
  );
  return { code, lines, notes, asked };
}

it('prints what happens, and ends with the result', async () => {
  const { code, lines } = await watch([order + completed]);
  expect(lines).toEqual([
    '2026-01-01 00:00:00Z  ✔ order done',
    '2026-01-01 00:00:00Z  The run is completed: {"id":"ord_1"}',
  ]);
  expect(code).toBe(0);
});

it.each(['FAILED', 'CANCELLED', 'TERMINATED', 'UNKNOWN'])('ends with 1 if the run is %s', async (status) => {
  expect((await watch([event('1', change('end', { status, text: 'CardDeclined: no' }))])).code).toBe(1);
});

it('goes on where it was when the connection breaks', async () => {
  const { asked, lines, notes, code } = await watch([
    `${order}event: alive\nid: 1b\ndata: {}\n\n`,
    new KaitError('KAIT_NOT_RUNNING', 'gone'),
    completed,
  ]);
  const path = '/runs/kait-1%2Forder%2Fstripe%2Fevt_1/watch';
  expect(asked).toEqual([
    [path, {}],
    [path, { 'last-event-id': '1b' }],
    [path, { 'last-event-id': '1b' }],
  ]);
  expect(lines).toHaveLength(2);
  expect(notes).toEqual(['The connection ended. Trying again.', 'Connected again.']);
  expect(code).toBe(0);
});

it('fails at once if there is no such run, or nothing answers', async () => {
  const none = new ApiRefusal('KAIT_ADMIN_REQUEST_FAILED', 'There is no such run.', {
    status: 404,
    problem: 'not-found',
  });
  await expect(watch([none])).rejects.toThrow('There is no such run.');
  await expect(watch([new KaitError('KAIT_NOT_RUNNING', 'nothing answers')])).rejects.toThrow('nothing answers');
  await expect(watch([order, none])).rejects.toThrow('There is no such run.');
});

it('prints nothing that a terminal obeys, and JSON as it is', async () => {
  const hostile = '\u001b[2J\u202e\r';
  const kinds = ['step', 'attempt', 'asks', 'paused', 'resumed', 'missing', 'end'];
  const answers = kinds.map((kind) =>
    event(
      '1',
      change(kind, { at: hostile, step: hostile, status: hostile, text: hostile, result: { value: hostile } }),
    ),
  );
  const { lines } = await watch([answers.join('')]);
  expect(lines).toHaveLength(7);
  expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect((await watch([completed], { json: true })).lines).toEqual([
    '{"kind":"end","at":"2026-01-01T00:00:00.000Z","step":null,"status":"COMPLETED","text":null,"result":{"value":{"id":"ord_1"}}}',
  ]);
});

it('ends when nobody reads its output', async () => {
  expect((await watch([order + order], {}, false)).lines).toHaveLength(1);
});
