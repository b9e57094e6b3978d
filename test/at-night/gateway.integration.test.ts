import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findSample } from '../../server/gateway/sample-files.ts';
import { startHttpReceiver, type HttpReceiver } from '../activities/http-receiver.ts';
import { runKait, startKait, type KaitCommand } from '../processes/kait-command.ts';
import { samplesFolder } from '../server/gateway/gateways.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';

/* Tasks f and g of the chapter "At night" of the guide, by the commands that it names. The tests go on from each other. */

const folder = sharedTemporaryFolder();
let gateway: HttpReceiver;
let kait: KaitCommand;
let environment: Record<string, string>;
let event: { id: string; data: { object: object } };
let url: string;

const workflow = {
  name: 'confirm-order',
  on: { event: 'payment.succeeded' },
  steps: [{ id: 'noted', set: { order: '{{event.payment.orderId}}' } }],
};

beforeAll(async () => {
  gateway = await startHttpReceiver();
  const sample = JSON.parse(
    (await findSample(samplesFolder, 'stripe', 'payment_intent.succeeded')).body,
  ) as typeof event;
  event = {
    ...sample,
    id: 'evt_7',
    data: { object: { ...sample.data.object, id: 'pi_7', metadata: { order_id: 'INV-7' } } },
  };
  gateway.answer((response, { path }) => {
    response
      .writeHead(200)
      .end(JSON.stringify({ data: path.startsWith('/v1/events') ? [event] : [], has_more: false }));
  });
  await mkdir(join(folder.path, 'definitions/workflows'), { recursive: true });
  await writeFile(join(folder.path, 'definitions/workflows/confirm-order.json'), JSON.stringify(workflow));
  const sources = {
    stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'], test: true, apiUrl: gateway.origin },
    adyen: { gateway: 'adyen', secrets: ['ADYEN_HMAC_KEY'] },
  };
  await writeFile(join(folder.path, 'definitions/sources.json'), JSON.stringify(sources));
  environment = {
    STRIPE_WEBHOOK_SECRET: 'whsec_new_at_kait_and_nowhere_else',
    STRIPE_API_KEY: 'rk_of_the_tests',
    ADYEN_HMAC_KEY: '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056',
    KAIT_OUTBOUND_ALLOW: '127.0.0.0/8',
  };
  kait = startKait(folder.path, ['up'], environment);
  await kait.untilOutput(/Stop: Ctrl-C/);
  [, url = ''] = await kait.untilOutput(/Accepting webhooks at (\S+)/);
});
afterAll(async () => {
  await kait.end('SIGTERM');
  await gateway.close();
});

const run = (...args: string[]) => runKait(folder.path, args, environment);

/** The documented command, as words. */
const typed = (line: string) => run(...line.split(' '));

async function until(args: string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await run(...args);
    if (pattern.test(output)) return output;
  }
}

it('f: says what a test proves, and nothing more', async () => {
  const { code, output } = await typed('sources test stripe');
  expect(output).toContain('The URL leads to a Kait that has this secret');
  expect(output).toContain('this does not say that Stripe has the same secret');
  expect(output).not.toContain('in the last hour');
  expect(code).toBe(0);
});

it('f: one command shows that the gateway signs with another secret', async () => {
  // What the gateway sends, with the secret that it still has.
  await writeFile(join(folder.path, 'event.json'), JSON.stringify(event));
  const sent = ['send', '--file', 'event.json', '--source', 'stripe', '--secret-env', 'OLD_SECRET', '--yes'];
  const forged = await runKait(folder.path, sent, { ...environment, OLD_SECRET: 'whsec_of_last_month' });
  expect(forged).toMatchObject({ code: 1, output: expect.stringContaining('→ 401') });
  await until(['rejections'], /Rejected in the last hour/);
  const { code, output } = await typed('sources test stripe');
  expect(output).toMatch(/Rejected in the last hour:\nrequests +source +reason +last at\n1 +stripe +wrong-signature/);
  expect(output).toContain('wrong-signature: The secret differs from the dashboard’s');
  expect(code).toBe(1);
});

it('f: the list of sources and the rejections say so as well', async () => {
  expect((await typed('sources')).output).toContain(
    '! stripe: requests were rejected in the last hour. To see why: npx kait rejections --source stripe',
  );
  expect((await typed('rejections')).output).toMatch(/^! Rejected in the last hour:/);
  expect((await typed('rejections --source adyen')).output).toBe('No request was rejected in the last seven days.\n');
});

it('g: gets a missing webhook in, by the order, payment or event id', async () => {
  const { code, output } = await typed('sources fetch stripe pi_7');
  expect(output).toMatch(
    /^✔ stripe\/pi_7:succeeded \(payment\.succeeded\) is stored now\.\n {2}run kait-\w+\/confirm-order\/stripe\/pi_7:succeeded\n$/,
  );
  expect(code).toBe(0);
});

it.each(['pi_7', 'evt_7', 'INV-7'])('g: does nothing the second time, asked about %s', async (id) => {
  const { code, output } = await typed(`sources fetch stripe ${id}`);
  expect(output).toMatch(
    /^! stripe\/pi_7:succeeded \(payment\.succeeded\) had arrived already; nothing was stored\.\n {2}run kait-\w+\/confirm-order/,
  );
  expect(code).toBe(0);
  expect((await typed('runs')).output.match(/confirm-order/g)).toHaveLength(1);
});

it('g: says what else there is to do if the gateway knows nothing, or cannot be asked', async () => {
  expect(await typed('sources fetch stripe pi_8')).toMatchObject({
    code: 1,
    output: expect.stringContaining('The gateway knows of nothing with this id.'),
  });
  expect((await typed('sources fetch adyen 8835')).output).toBe(
    '! Kait has no question for Adyen (standard webhooks) that finds what did not arrive. Have the gateway send the webhook again from its dashboard, or copy its body there and send it: npx kait send --file body.json --source …\n',
  );
  expect(await typed('sources fetch striep pi_8')).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is no source "striep".'),
  });
});

it('g: sends a body of the dashboard, and says that it is a genuine-looking event', async () => {
  await writeFile(
    join(folder.path, 'body.json'),
    JSON.stringify({ ...event, data: { object: { ...event.data.object, id: 'pi_9' } } }),
  );
  expect(await typed('send --file body.json --source stripe')).toEqual({
    code: 1,
    output: `KAIT_USAGE: It is signed as the gateway signs, so the Kait at ${url}/in/stripe takes it for genuine and starts runs for it: Stripe: payment.succeeded (pi_9:succeeded). Add --yes to send it.\n`,
  });
  expect((await typed('send --file body.json --source stripe --yes')).output).toMatch(
    /→ 200.*\n✔ payment\.succeeded \(pi_9:succeeded\)\n$/,
  );
  await until(['runs'], /completed[^\n]*confirm-order\/stripe\/pi_9:succeeded/);
  expect((await typed('send --file body.json --source stripe --yes')).output).toContain(
    '! stripe/pi_9:succeeded was stored before, so no further run starts.',
  );
});

it('signs nothing that the preset cannot read, unless it is forced to', async () => {
  await writeFile(join(folder.path, 'body.json'), '{"hello":"world"}');
  const refused = await typed('send --file body.json --source stripe --yes');
  expect(refused).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^KAIT_BODY_UNREADABLE: The preset of Stripe/),
  });
  expect((await typed('send --file body.json --source stripe --yes --force')).output).toMatch(/→ 200/);
  expect((await typed('send --file none.json --source stripe --yes')).output).toContain(
    'none.json cannot be read (ENOENT)',
  );
});

it('replays a stored body here, which is a duplicate, and at another Kait', async () => {
  expect((await typed('send --replay stripe/pi_9:succeeded')).output).toContain(
    '! stripe/pi_9:succeeded was stored before, so no further run starts.',
  );
  gateway.received.length = 0;
  const other = `${gateway.origin}/in/shop`;
  const line = ['send', '--replay', 'stripe/pi_9:succeeded', '--to', other, '--secret-env', 'OTHER_SECRET', '--yes'];
  const { code, output } = await runKait(folder.path, line, { ...environment, OTHER_SECRET: 'whsec_of_the_other' });
  expect(output).toContain('The answer does not say whether it was a duplicate');
  expect(code).toBe(0);
  expect(gateway.received).toHaveLength(1);
  expect(gateway.received[0]).toMatchObject({ path: '/in/shop' });
  expect(gateway.received[0]!.headers['stripe-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  expect(JSON.parse(gateway.received[0]!.body)).toMatchObject({
    id: 'evt_7',
    data: { object: { id: 'pi_9' } },
  });
});

it.each([
  { line: 'send --replay stripe', says: 'Expected --replay <source>/<event-id>' },
  { line: 'send --replay stripe/none', says: 'There is no such event.' },
  { line: 'send --replay nobody/x', says: 'nobody' },
  {
    line: 'send stripe payment_intent.succeeded --to http://127.0.0.1:1/in/x',
    says: 'Without --file or --replay, --to has no meaning.',
  },
  { line: 'send stripe x --file body.json', says: 'With --file, a sample has no meaning.' },
  { line: 'send --file body.json', says: 'Name the source whose gateway signs the body' },
  { line: 'send', says: 'Expected a source and one of its samples' },
  { line: 'send --replay stripe/pi_9:succeeded --secret-env NOT_SET', says: 'NOT_SET is not set.' },
  {
    line: 'send --replay stripe/pi_9:succeeded --to http://127.0.0.1:1/in/x --yes',
    says: 'Nothing answers at http://127.0.0.1:1',
  },
])('refuses "$line"', async ({ line, says }) => {
  const { code, output } = await typed(line);
  expect(code).toBe(1);
  expect(output).toContain(says);
});

it('shows the question in Temporal, by kait temporal', async () => {
  expect((await typed('temporal activity list')).output).toContain('gateway.find');
});
