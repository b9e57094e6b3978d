import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHttpReceiver, type HttpReceiver } from '../activities/http-receiver.ts';
import { runKait, startKait, type KaitCommand } from '../processes/kait-command.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';

/* Tasks a, b, c and e of the chapter "At night" of the guide, by the commands that it names. The tests go on from each other. */

const folder = sharedTemporaryFolder();
let shop: HttpReceiver;
let kait: KaitCommand;
let environment: Record<string, string>;

beforeAll(async () => {
  shop = await startHttpReceiver();
  shop.answer((response) => response.writeHead(503).end());
  const confirmOrder = {
    name: 'confirm-order',
    on: { event: 'payment.succeeded' },
    steps: [
      { id: 'large', if: { '>': [{ var: 'event.payment.amount' }, 900_000_000] }, set: { large: true } },
      {
        id: 'confirm',
        retry: { attempts: 1 },
        http: `${shop.origin}/orders/{{event.payment.orderId}}`,
        method: 'POST',
        body: { paid: true },
      },
    ],
  };
  const askForIt = {
    name: 'give-back',
    on: { event: 'payment.refunded' },
    steps: [{ id: 'ok', approve: 'Book the refund of {{event.payment.id}}?', timeout: '1d' }],
  };
  const tellOthers = {
    name: 'tell-others',
    on: { event: 'payment.failed' },
    steps: [
      { id: 'tell', emit: 'order.unpaid', with: { orderId: '{{event.payment.orderId}}' } },
      { id: 'aside', run: 'count-it', detach: true },
    ],
  };
  const countIt = {
    name: 'count-it',
    on: 'run',
    steps: [{ id: 'count', retry: { attempts: 1 }, http: `${shop.origin}/count`, method: 'POST' }],
  };
  await mkdir(join(folder.path, 'definitions/workflows'), { recursive: true });
  for (const definition of [confirmOrder, askForIt, tellOthers, countIt]) {
    await writeFile(join(folder.path, `definitions/workflows/${definition.name}.json`), JSON.stringify(definition));
  }
  const sources = { stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'], test: true } };
  await writeFile(join(folder.path, 'definitions/sources.json'), JSON.stringify(sources));
  environment = { STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests', KAIT_OUTBOUND_ALLOW: '127.0.0.0/8' };
  kait = startKait(folder.path, ['up'], environment);
  await kait.untilOutput(/Stop: Ctrl-C/);
  await send('payment_intent.succeeded', 'data.object.id=pi_7', 'data.object.metadata.order_id=INV-7');
  await send('charge.refunded', 'data.object.payment_intent=pi_6');
  await until(['runs'], /failed/);
  await until(['approvals'], /give-back/);
});
afterAll(async () => {
  await kait.end('SIGTERM');
  await shop.close();
});

const run = (...args: string[]) => runKait(folder.path, args, environment);
const send = (sample: string, ...changes: string[]) => run('send', 'stripe', sample, '--set', ...changes);
/** The documented command, as words. */
const typed = (line: string) => run(...line.split(' '));

async function until(args: string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await run(...args);
    if (pattern.test(output)) return output;
  }
}

it('a: finds what became of an order by its number alone', async () => {
  const { code, output } = await typed('find INV-7');
  expect(output).toMatch(/^Events\n.*payment\.succeeded.*INV-7/);
  expect(output).toMatch(/\nRuns\n.*confirm-order.*\n +kait runs show \S*confirm-order\/stripe\/\S+/);
  expect(code).toBe(0);
  expect((await typed('runs list --order INV-7')).output).toMatch(/failed +confirm +INV-7/);
});

it('b: lists what has failed, where and why', async () => {
  const { output } = await typed('runs --failed --step confirm');
  expect(output).toMatch(/failed +confirm +INV-7 .*confirm-order\/stripe\/\S+ +payment\.succeeded +.*503/);
  expect((await typed('runs --failed --step other')).output).toBe('No runs.\n');
});

it('a: shows all about the run, by the order number alone, and what can be done', async () => {
  const { code, output } = await typed('runs show INV-7');
  expect(output).toMatch(/^confirm-order {2}failed\n {2}run +kait-\S+\/confirm-order\/stripe\/\S+\n {2}order +INV-7/);
  expect(output).toMatch(/\nSteps\n {2}– large .*\n.*\n {2}✘ confirm {2}http POST\s+http/);
  expect(output).toContain(`input   {"url":"${shop.origin}/orders/INV-7"`);
  expect(output).toMatch(/What you can do:\n {2}kait runs retry \S+ --dry-run\n/);
  expect(code).toBe(0);
});

it('a: says why a step did not run', async () => {
  const { code, output } = await typed('runs explain INV-7');
  expect(output).toMatch(/large {2}skipped\n {2}if no: event.payment.amount \(\d+\) > 900000000\n/);
  expect(output).toContain('It was skipped, because its condition did not hold.');
  expect(output).toMatch(/confirm {2}failed\n {2}It failed: /);
  expect(code).toBe(0);
});

it('a: tells what happened, and ends with 1 because the run has failed', async () => {
  const { code, output } = await typed('runs watch INV-7');
  expect(output).toMatch(/– large skipped\n.*✘ confirm failed: .*\n.*The run is failed: ReceiverUnavailable/);
  expect(code).toBe(1);
});

it.each([
  ['runs watch nobody', 'There is no such run.'],
  ['runs show nobody', 'There is no such run.'],
  ['runs explain INV-7 nothing', 'The run has no step "nothing". It has: large, confirm.'],
  ['runs show \u001b[2J', 'run must be the workflow id of a run, the id of its event, or an order number'],
])('"%s" is refused', async (line, says) => {
  const { code, output } = await typed(line);
  expect(output).toContain(says);
  expect(code).toBe(1);
});

it('b: shows what would be redone, and redoes nothing', async () => {
  const { output } = await typed('runs retry --failed --since 2h --dry-run');
  expect(output).toMatch(/confirm-order\/stripe\/\S+\n {2}from: confirm/);
  expect(output).toContain('1 would be retried, 0 not.');
  expect(shop.received).toHaveLength(1);
});

it('b: redoes what failed once the shop is back, and nothing twice if it is typed twice', async () => {
  shop.answer((response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  const again = ['runs', 'retry', '--failed', '--since', '2h', '--reason', 'the API of the shop was down'];
  expect((await run(...again)).output).toContain('1 is retried, 0 not.');
  await until(['runs'], /completed/);
  expect((await run(...again)).output).toBe('No failed run is left to retry.\n');
  expect((await typed('runs --failed')).output).toBe('No runs.\n');
  expect((await typed('runs --state retried')).output).toMatch(/retried +confirm +INV-7/);
  expect(shop.received.map(({ path }) => path)).toEqual(['/orders/INV-7', '/orders/INV-7']);
  expect(new Set(shop.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
});

it('lists the runs of an order that has several, and shows each', async () => {
  const { code, output } = await typed('runs show INV-7');
  expect(output).toContain('"INV-7" names 2 runs. Give the id of one of them.');
  expect(code).toBe(1);
  const [retry = ''] = /\S+kait:retry-1/.exec(output) ?? [];
  const shown = (await run('runs', 'show', retry)).output;
  expect(shown).toMatch(/^confirm-order {2}completed\n/);
  expect(shown).toContain('the API of the shop was down');
  const first = (await run('runs', 'show', retry.replace('/kait:retry-1', ''))).output;
  expect(first).toMatch(/retried as +\S+kait:retry-1/);
  expect(first).toMatch(/What you can do:\n {2}kait runs show \S+kait:retry-1\n/);
});

it('c: shows the question, and how to answer it', async () => {
  const asked = (await typed('approvals')).output;
  const [id = ''] = /\S+\/give-back\/stripe\/\S+/.exec(asked) ?? [];
  const { output } = await run('runs', 'show', id);
  expect(output).toMatch(/^give-back {2}running, waits for an answer at ok/);
  expect(output).toMatch(
    /What you can do:\n {2}kait approve \S+ ok --by "…"\n {6}answer yes: Book the refund of pi_6\?/,
  );
});

it('c: finds an approval and gives it', async () => {
  const waiting = (await typed('runs --state approval --step ok')).output;
  expect(waiting).toMatch(/approval +ok .*give-back\/stripe\//);
  const asked = (await typed('approvals')).output;
  expect(asked).toContain('Book the refund of pi_6?');
  const [id = ''] = /\S+\/give-back\/stripe\/\S+/.exec(asked) ?? [];
  expect((await run('approve', id, '--by', 'ana')).code).toBe(0);
  await until(['runs'], /completed[^\n]*give-back/);
  expect((await typed('approvals')).output).not.toContain('give-back');
});

it('e: lists what was exhausted, and sends it again', async () => {
  shop.answer((response) => response.writeHead(503).end());
  const added = await run('endpoints', 'add', `${shop.origin}/hooks`, '--events', 'order.*', '--schedule', '0s');
  expect(added).toMatchObject({ code: 0 });
  await send('payment_intent.payment_failed', 'data.object.id=pi_9', 'data.object.metadata.order_id=INV-9');
  const listed = await until(['deliveries', 'list', '--state', 'exhausted'], /exhausted/);
  expect(listed).toMatch(/exhausted +1 +503 +order\.unpaid +INV-9 .*\/hooks +dlv_\S+ +ep_\S+ +\S+\/tell-others\//);
  const [id = ''] = /dlv_\S+/.exec(listed) ?? [];
  await until(['status'], /1 \(the oldest for .*\) deliveries are exhausted: kait deliveries --state exhausted/);
  shop.answer((response) => response.writeHead(204).end());
  expect(await run('deliveries', 'retry', id)).toEqual({
    code: 0,
    output: `${id} is sent again within seconds, with a new round of its schedule.\n`,
  });
  await until(['deliveries', 'show', id], /state +delivered/);
});

it('e: sends nothing the second time, and under the same webhook id the first', async () => {
  const [id = ''] = /dlv_\S+/.exec((await typed('deliveries list --order INV-9')).output) ?? [];
  expect((await run('deliveries', 'retry', id)).output).toBe(
    `Not sent again: ${id}: it was delivered. Add --again to send it again all the same.\n`,
  );
  expect((await typed('deliveries list --state exhausted')).output).toBe('No deliveries.\n');
  const sent = shop.received.filter(({ path }) => path === '/hooks');
  expect(sent.map(({ body }) => (JSON.parse(body) as { data: unknown }).data)).toEqual([
    { orderId: 'INV-9' },
    { orderId: 'INV-9' },
  ]);
  expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it.each([
  ['deliveries retry dlv_none', 'Not sent again: dlv_none: there is no such delivery.\n'],
  ['deliveries list --state exhausted --since yesterday', 'yesterday'],
])('e: "%s" says what is wrong', async (line, says) => {
  expect((await typed(line)).output).toContain(says);
});

it('changes an endpoint only if it has the version that was looked at', async () => {
  const [id = ''] = /ep_\S+/.exec((await typed('endpoints')).output) ?? [];
  expect((await run('endpoints', 'show', id)).output).toMatch(/\n {2}version +1\n/);
  expect(await run('endpoints', 'pause', id, '--if-version', '1')).toMatchObject({ code: 0 });
  expect(await run('endpoints', 'resume', id, '--if-version', '1')).toMatchObject({
    code: 1,
    output: expect.stringContaining('Nothing was changed: somebody else has changed ep_'),
  });
  expect(await run('endpoints', 'resume', id, '--if-version', '2')).toMatchObject({ code: 0 });
});

it('b: lists a detached child run that has failed, which no other run tells of, and says that it cannot be retried', async () => {
  const { output } = await typed('runs --failed');
  expect(output).toMatch(/failed +count +INV-9 .*\/tell-others\/stripe\/\S+\/aside +payment\.failed +.*503/);
  expect(output.match(/tell-others/g)).toHaveLength(1);
  const [id = ''] = /\S+\/aside/.exec(output) ?? [];
  const refusal = `The run above it: ${id.replace('/aside', '')}\n`;
  expect((await run('runs', 'retry', id, '--dry-run')).output).toContain(refusal);
  expect((await typed('runs retry --failed --dry-run')).output).toContain(refusal);
  await until(['status'], /1 failed \(oldest/);
});
