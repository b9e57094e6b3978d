import { afterAll, beforeAll, expect, it } from 'vitest';
import { showApproval, showApprovals, answerApproval } from '../../../cli/commands/approvals.ts';
import { apiClient } from '../../../cli/api-client.ts';
import { openApproval } from '../../../storage/approvals/approval-records.ts';
import { runs } from '../../../storage/schema.ts';
import { openApi, problem } from '../api/api-fixture.ts';
import { insertEvent } from '../stored-events.ts';
import { openApprovalWorld, type ApprovalWorld } from './approval-world.ts';

/* The API and the commands that use it, with runs on a real Temporal. */

let world: ApprovalWorld;
let ask: ReturnType<typeof openApi>;
beforeAll(async () => {
  world = await openApprovalWorld({ cachedRuns: 100 });
  ask = openApi({ database: world.database, decide: (asked, given) => world.answer(asked, given) });
});
afterAll(() => world.stop());

const decide = (body: object) =>
  ask({
    method: 'POST',
    url: '/api/v1/approvals/answer',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** What the commands use, without a socket. */
const api = apiClient(
  { url: 'http://localhost', token: 'token-of-the-tests' },
  {
    async fetch(request) {
      const url = request.url.replace('http://localhost', '');
      const headers = Object.fromEntries(request.headers);
      const body = await request.text();
      const asked = { method: request.method as 'GET' | 'POST', url, headers, ...(body !== '' && { body }) };
      const { status, body: answer } = await ask(asked);
      return Response.json(answer, { status });
    },
  },
);

it('takes an answer, and says what is still needed', async () => {
  const { run } = await world.ask({ by: { min: 2, roles: ['finance'] } });
  const { workflowId } = run.handle;
  const yes = { workflowId, approved: true, by: 'ana' };
  expect(await decide(yes)).toEqual({
    status: 200,
    body: { workflowId, step: 'ok', decided: null, approvals: 1, needed: 2 },
  });
  expect(await decide(yes)).toEqual({ status: 409, body: problem(409, 'already-decided') });
  expect(await decide({ ...yes, by: 'sari' })).toEqual({ status: 403, body: problem(403, 'not-permitted') });
  expect(await decide({ ...yes, by: 'budi', step: 'ok' })).toMatchObject({ status: 200, body: { decided: true } });
  await run.handle.result();
  expect(await decide({ ...yes, by: 'tono' })).toEqual({ status: 409, body: problem(409, 'not-waiting') });
});

it.each([
  ['a run that asks nobody', { workflowId: 'kait-test/none', approved: true, by: 'ana' }, 404, 'not-found'],
  ['another step', { workflowId: 'kait-test/none', step: 'no', approved: true, by: 'ana' }, 404, 'not-found'],
  ['a text for yes', { workflowId: 'a', approved: 'true', by: 'ana' }, 400, 'invalid-request'],
  ['nobody', { workflowId: 'a', approved: true }, 400, 'invalid-request'],
  ['a blank name', { workflowId: 'a', approved: true, by: ' ' }, 400, 'invalid-request'],
  ['a name that turns text around', { workflowId: 'a', approved: true, by: 'a\u202e' }, 400, 'invalid-request'],
  ['a long reason', { workflowId: 'a', approved: true, by: 'a', reason: 'x'.repeat(2_001) }, 400, 'invalid-request'],
  ['a way of its own', { workflowId: 'a', approved: true, by: 'a', via: 'mail' }, 400, 'invalid-request'],
  ['a link of its own', { workflowId: 'a', approved: true, by: 'a', link: 'x' }, 400, 'invalid-request'],
])('refuses %s', async (_what, body, status, code) => {
  expect(await decide(body)).toMatchObject({ status, body: problem(status, code) });
});

it('asks which step is meant if several wait', async () => {
  const wait = (id: string) => ({ id, approve: 'Go on?', timeout: '1h' });
  const run = await world.host.start({ steps: [{ id: 'both', parallel: [wait('one'), wait('two')] }] });
  const { workflowId } = run.handle;
  const listed = async () =>
    ((await ask({ url: `/api/v1/approvals?workflowId=${workflowId}` })).body as { items: unknown[] }).items.length;
  await expect.poll(listed, { timeout: 10_000 }).toBe(2);
  expect(await decide({ workflowId, approved: true, by: 'ana' })).toEqual({
    status: 409,
    body: problem(409, 'several-steps'),
  });
  expect(await decide({ workflowId, approved: true, by: 'ana', step: 'two' })).toMatchObject({ status: 200 });
  expect(await decide({ workflowId, approved: true, by: 'ana' })).toMatchObject({ status: 200, body: { step: 'one' } });
  await run.handle.result();
});

it('shows in the terminal what waits, and who answered', async () => {
  const { run } = await world.ask({
    by: { min: 2, roles: ['finance'] },
    details: { Order: '{{event.payment.orderId}}' },
  });
  const { workflowId } = run.handle;
  expect(await showApprovals(api, { limit: 500 })).toContain(workflowId);
  const options = { by: 'ana', approved: true, reason: 'seen' };
  expect(await answerApproval(api, workflowId, undefined, options)).toBe(
    'ana has approved step "ok": 1 of 2. It goes on waiting.',
  );
  expect(await answerApproval(api, workflowId, 'ok', { by: 'budi', approved: false })).toBe(
    'budi has rejected step "ok".',
  );
  const shown = (await showApproval(api, workflowId, undefined)).split('\n');
  expect(shown).toContain('  who: 2 people, of role finance');
  expect(shown.at(-2)).toMatch(/^ {2}\S+ ana approved by cli(?: from [\d.:]+)?: seen$/);
  expect(shown.at(-1)).toMatch(/^ {2}\S+ budi rejected by cli(?: from [\d.:]+)?$/);
  await expect(run.handle.result()).rejects.toThrow();
  expect(await showApprovals(api, { limit: 500 })).not.toContain(workflowId);
});

it('says which order a question is about, also if a child run asks', async () => {
  const workflowId = 'kait-1/refund/stripe/evt_order';
  const about = { orderId: 'INV-7', currency: 'IDR', amount: 200_000_000 };
  const event = await insertEvent(world.database, { eventId: 'evt_order', ...about });
  await world.database.orm
    .insert(runs)
    .values({ workflowId, event, definition: 'refund', definitionHash: 'h', startedAt: new Date() });
  const asked = {
    ...{ step: 'ok', definition: 'refund', question: 'Refund?', details: [], requester: null },
    rules: { min: 1, roles: [], people: [], notBy: null, needsReason: false },
    mail: { to: null, subject: null, text: null },
    untilMs: Date.parse('2099-01-01'),
  };
  await openApproval(world.database, { ...asked, workflowId: `${workflowId}/pay` });
  await openApproval(world.database, { ...asked, workflowId: 'kait-1/refund/stripe/evt_gone' });
  const listed = async (run: string) => (await ask({ url: `/api/v1/approvals?workflowId=${run}` })).body;
  expect(await listed(`${workflowId}/pay`)).toMatchObject({ items: [about] });
  const nothing = { orderId: null, currency: null, amount: null };
  expect(await listed('kait-1/refund/stripe/evt_gone')).toMatchObject({ items: [nothing] });
});
