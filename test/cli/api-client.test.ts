import { expect, it } from 'vitest';
import { answerOf, findApi } from '../../cli/api-client.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { fakeApi } from './fake-api.ts';

const problem = (status: number, code: string, detail: string, headers = {}) =>
  Response.json({ status, code, detail }, { status, headers });
const cut = new TypeError('fetch failed', { cause: Object.assign(new Error('cut'), { code: 'ECONNRESET' }) });
const free = { body: { definition: 'a', key: 'b', reason: 'r' } };
const workflowId = 'kait/a/shop/evt_1';

it('encodes what is in a path, so that it stays one part of it', async () => {
  const { api, asked } = fakeApi({});
  await answerOf(api.GET('/runs/{run}', { params: { path: { run: 'kait/a/shop/evt%2F1?x=#' } } }));
  expect(asked).toEqual(['GET /runs/kait%2Fa%2Fshop%2Fevt%252F1%3Fx%3D%23']);
});

it('gives each POST an idempotency key of its own, and other requests none', async () => {
  const { api, keys } = fakeApi({ workflowId });
  await answerOf(api.POST('/turns/free', free));
  await answerOf(api.POST('/turns/free', free));
  await answerOf(api.GET('/turns'));
  const uuid = expect.stringMatching(/^[\da-f-]{36}$/) as string;
  expect(keys).toEqual([uuid, uuid, null]);
  expect(keys[0]).not.toBe(keys[1]);
});

it('sends a request again under the same key if the connection was lost', async () => {
  const { api, asked, keys } = fakeApi(cut, { workflowId });
  expect(await answerOf(api.POST('/turns/free', free))).toEqual({ workflowId });
  expect(asked).toEqual([
    ['POST /turns/free', free.body],
    ['POST /turns/free', free.body],
  ]);
  expect(keys[0]).toBe(keys[1]);
});

it('lists the runs for which a name stands, and nothing that a terminal obeys', async () => {
  const errors = [{ detail: 'kait/a/shop/evt_1 (a)' }, { detail: 'kait/b/shop/evt\u001b[2J_1 (b)' }];
  const { api } = fakeApi(
    Response.json({ status: 409, code: 'several-runs', detail: '"INV-7" names 2 runs.', errors }, { status: 409 }),
  );
  await expect(answerOf(api.GET('/runs/{run}', { params: { path: { run: 'INV-7' } } }))).rejects.toThrow(
    '"INV-7" names 2 runs.\n  kait/a/shop/evt_1 (a)\n  kait/b/shop/evt\uFFFD[2J_1 (b)',
  );
});

it('waits for the answer of a request that is still being worked on', async () => {
  const { api, asked } = fakeApi(problem(409, 'in-progress', 'wait', { 'retry-after': '1' }), { workflowId });
  expect(await answerOf(api.POST('/turns/free', free))).toEqual({ workflowId });
  expect(asked).toHaveLength(2);
});

it.each([
  [problem(404, 'not-found', 'There is no such run.'), 'KAIT_ADMIN_REQUEST_FAILED', 'There is no such run.'],
  [problem(409, 'not-waiting', 'It is over.'), 'KAIT_ADMIN_REQUEST_FAILED', 'It is over.'],
  [
    problem(401, 'unauthorized', 'no'),
    'KAIT_ADMIN_REFUSED',
    'The running Kait does not accept this key. Set KAIT_ADMIN_TOKEN to an API key, or to the token that Kait was started with.',
  ],
  [
    problem(404, 'no-route', 'There is no route GET /api/v1/runs.'),
    'KAIT_ADMIN_REQUEST_FAILED',
    'There is no route GET /api/v1/runs. This is Kait 0.1.0. What answers is another version, or not Kait.',
  ],
  [
    new Response('<h1>Hello</h1>', { status: 502 }),
    'KAIT_ADMIN_REQUEST_FAILED',
    '<h1>Hello</h1> This is Kait 0.1.0. What answers is another version, or not Kait.',
  ],
  [
    new Response('<h1>Hello</h1>'),
    'KAIT_ADMIN_REQUEST_FAILED',
    'What answers at this address is not Kait: it sent no JSON.',
  ],
  [
    new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }),
    'KAIT_NOT_RUNNING',
    expect.stringContaining('Kait is not running here (nothing answers at http://kait.test). Start it with') as string,
  ],
])('says what is wrong: %o', async (answer, code, message) => {
  await expect(answerOf(fakeApi(answer).api.GET('/runs'))).rejects.toMatchObject({ code, message });
});

it('says that Kait is not running if it has left no access', async () => {
  await expect(findApi(await temporaryFolder(), null)).rejects.toMatchObject({ code: 'KAIT_NOT_RUNNING' });
});
