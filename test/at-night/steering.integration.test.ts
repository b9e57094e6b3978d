import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiAccessFile, type ApiAccess } from '../../cli/api-client.ts';
import { startHttpReceiver, type HttpReceiver } from '../activities/http-receiver.ts';
import { runKait, startKait, type KaitCommand } from '../processes/kait-command.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';

/*
 * Tasks d and h of the chapter "At night" of the guide, and "Steer a run" of Operations, by the commands that they name. Then Kait is killed amid a
 * rescue and amid a migration. The tests go on from each other.
 */

const folder = sharedTemporaryFolder();
let shop: HttpReceiver;
let kait: KaitCommand;
let environment: Record<string, string>;
let wrong: string;
let right: string;
let readKey: string;

const file = (name: string) => join(folder.path, `definitions/workflows/${name}.json`);
const telling = (name: string, more: object, url: string) => ({
  name,
  ...more,
  steps: [
    { id: 'tell', retry: { attempts: 1 }, http: url, method: 'POST', body: { order: '{{event.payment.orderId}}' } },
  ],
});

beforeAll(async () => {
  shop = await startHttpReceiver();
  shop.answer((response, { path }) => response.writeHead(path === '/orders' ? 200 : 404).end());
  wrong = `${shop.origin}/oders`;
  right = `${shop.origin}/orders`;
  await mkdir(join(folder.path, 'definitions/workflows'), { recursive: true });
  const definitions = [
    telling('fails', { on: { event: 'payment.succeeded' } }, wrong),
    telling('parks', { on: { event: 'payment.succeeded' }, onFail: 'park' }, wrong),
    {
      name: 'waits',
      on: { event: 'payment.succeeded' },
      steps: [
        { id: 'refund', waitFor: 'payment.refunded', timeout: '7d' },
        { id: 'rest', wait: '7d' },
      ],
    },
  ];
  for (const each of definitions) await writeFile(file(each.name), JSON.stringify(each));
  const sources = { stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'], test: true } };
  await writeFile(join(folder.path, 'definitions/sources.json'), JSON.stringify(sources));
  environment = { STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests', KAIT_OUTBOUND_ALLOW: '127.0.0.0/8' };
  kait = startKait(folder.path, ['dev'], environment);
  await kait.untilOutput(/Following .*definitions/);
  await run('send', 'stripe', 'payment_intent.succeeded', '--set', 'data.object.id=pi_7');
  await until(['runs'], /failed/);
  await until(['status'], /1 \(the oldest for .*\) runs are parked/);
  const added = await run('keys', 'add', 'reader', '--scope', 'read');
  readKey = /kait_\S+/.exec(added.output)?.[0] ?? '';
});
afterAll(async () => {
  await kait.end('SIGTERM');
  await shop.close();
});

const run = (...args: string[]) => runKait(folder.path, args, environment);

async function until(args: string[], pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await run(...args);
    if (pattern.test(output)) return output;
  }
}

async function idOf(definition: string): Promise<string> {
  const { output } = await run('runs', 'list', '--definition', definition);
  return new RegExp(`\\S+/${definition}/stripe/\\S+`).exec(output)?.[0] ?? '';
}

it('h: says what is stuck, and ends with a code for scripts', async () => {
  expect((await run('runs', '--state', 'parked')).output).toMatch(/parked +tell .*\/parks\/stripe\/pi_7/);
  const { code, output } = await run('status', '--check');
  expect(output).toMatch(/^Needs a person:\n/);
  expect(output).toMatch(/1 \(the oldest for .*\) runs are parked: kait runs --state parked\n/);
  expect(output).toMatch(/1 failed \(oldest \d+ \w+\)/);
  expect(code).toBe(1);
});

it('shows a parked run, and the commands that it takes', async () => {
  const id = await idOf('parks');
  const { code, output } = await run('runs', 'show', id);
  expect(output).toMatch(/^parks {2}running, parked at tell\n/);
  expect(output).toMatch(/‖ tell .*PARKED/);
  expect(output).toContain(`kait runs edit-input ${id} tell --input '{…}' --reason "…"`);
  expect(code).toBe(0);
  expect((await run('runs', 'explain', id, 'tell')).output).toMatch(/It failed, and is parked: .*404/);
});

it('shows a run to whoever may read, and to nobody else', async () => {
  const { url } = JSON.parse(await readFile(apiAccessFile(join(folder.path, '.kait')), 'utf8')) as ApiAccess;
  const ask = (token: string, what: string) =>
    fetch(`${url}/api/v1/runs/${what}`, { headers: { authorization: `Bearer ${token}` } });
  const path = encodeURIComponent(await idOf('waits'));
  const shown = await ask(readKey, path);
  expect(shown.status).toBe(200);
  expect(await shown.json()).toMatchObject({
    temporal: 'known',
    details: { commandable: [{ key: 'refund', state: 'waiting' }] },
  });
  expect((await ask('kait_nobody', path)).status).toBe(401);
  expect((await ask(readKey, '%00')).status).toBe(400);
  expect((await ask(readKey, 'x'.repeat(2_000))).status).toBe(400);
});

describe('a command', () => {
  it.each<[what: string, args: (id: string) => string[], message: string]>([
    ['for a run that there is not', () => ['skip', 'nobody', 'tell'], 'There is no such run.'],
    ['for a step that takes none', (id) => ['skip', id, 'other'], 'Step "other"'],
    ['that is none of such a step', (id) => ['edit-input', id, 'refund', '--input', '{}'], 'refund'],
    ['with a result that is no JSON', (id) => ['set-result', id, 'refund', '--result', '{"a":'], 'is not JSON'],
    ['with an input that is no object', (id) => ['edit-input', id, 'refund', '--input', '[1]'], 'must be an object'],
    ['that ends no pause', (id) => ['resume', id], 'not paused'],
  ])('%s changes nothing', async (_what, args, message) => {
    const { code, output } = await run('runs', ...args(await idOf('waits')), '--reason', 'to try');
    expect(output).toContain(message);
    expect(code).toBe(1);
  });

  it('needs the scope operate, and a reason', async () => {
    const { url } = JSON.parse(await readFile(apiAccessFile(join(folder.path, '.kait')), 'utf8')) as ApiAccess;
    const path = `${url}/api/v1/runs/${encodeURIComponent(await idOf('waits'))}`;
    const ask = (verb: string, token: string, body: object) =>
      fetch(`${path}/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(({ status }) => status);
    const verbs = ['pause', 'resume', 'cancel', 'terminate', 'steps/refund/skip', 'steps/refund/retry'];
    expect(await Promise.all(verbs.map((verb) => ask(verb, readKey, { reason: 'to try' })))).toEqual(
      verbs.map(() => 403),
    );
    const { token } = JSON.parse(await readFile(apiAccessFile(join(folder.path, '.kait')), 'utf8')) as ApiAccess;
    expect(await ask('pause', token, {})).toBe(400);
  });

  it('to pause keeps the next step from beginning, and a second one is refused', async () => {
    const id = await idOf('waits');
    expect((await run('runs', 'pause', id, '--reason', 'to look')).output).toContain('until it is resumed');
    expect(await run('runs', 'pause', id, '--reason', 'to look')).toMatchObject({
      code: 1,
      output: expect.stringContaining('paused'),
    });
    expect((await run('runs', 'resume', id, '--reason', 'looked')).code).toBe(0);
  });

  it('twice at once counts once, and is too late for a run that has ended', async () => {
    const id = await idOf('waits');
    const twice = await Promise.all(
      [1, 2].map(() => run('runs', 'skip', id, 'refund', '--reason', 'paid back by hand')),
    );
    expect(twice.map(({ code }) => code).sort()).toEqual([0, 1]);
    await until(['runs', 'skip', id, 'rest', '--reason', 'no need'], /is skipped/);
    await until(['runs', 'list', '--definition', 'waits'], /completed/);
    const late = await Promise.all(
      ['pause', 'cancel', 'terminate'].map((verb) => run('runs', verb, id, '--reason', 'late')),
    );
    expect(late.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(late.every(({ output }) => output.includes('The run has ended'))).toBe(true);
  });
});

describe('d: a wrong URL', () => {
  it('is put right for the run that is parked', async () => {
    const id = await idOf('parks');
    const watched = run('runs', 'watch', id);
    const wrongForm = ['runs', 'edit-input', id, 'tell', '--input', '{"uri":"x"}', '--reason', 'wrong URL'];
    const refused = await run(...wrongForm);
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringMatching(/The input does not fit http\.request.*url/s),
    });
    const input = JSON.stringify({ url: right, method: 'POST', body: { order: 'INV-7' } });
    const { output } = await run('runs', 'edit-input', id, 'tell', '--input', input, '--reason', 'wrong URL');
    expect(output).toContain('is tried again with this input');
    await until(['runs', 'list', '--definition', 'parks'], /completed/);
    expect(shop.received.at(-1)?.path).toBe('/orders');
    const { code, output: seen } = await watched;
    expect(seen).toMatch(/‖ tell parked: .*404[^]*✔ tell done\n.*The run is completed/);
    expect(code).toBe(0);
  });

  it('is put right in the definition, and the failed run goes on with that', async () => {
    const id = await idOf('fails');
    await writeFile(file('fails'), JSON.stringify(telling('fails', { on: { event: 'payment.succeeded' } }, right)));
    const again = ['runs', 'retry', id, '--definition', 'current'];
    await until([...again, '--dry-run'], /orders/);
    expect((await run(...again, '--reason', 'wrong URL')).output).toContain('goes on as');
    await until(['runs', 'list', '--definition', 'fails'], /completed/);
    expect((await run(...again, '--reason', 'wrong URL')).output).toContain('not retried');
  });

  it('is put right in the definition, and the parked run takes that, and tries its step again', async () => {
    const event = 'pi_8';
    await run('send', 'stripe', 'payment_intent.succeeded', '--set', `data.object.id=${event}`);
    const parked = await until(['runs', 'list', '--state', 'parked'], /parked +tell .*\/parks\/stripe\/pi_8/);
    const id = /\S+\/parks\/stripe\/pi_8\S*/.exec(parked)?.[0] ?? '';
    const parks = { on: { event: 'payment.succeeded' }, onFail: 'park' };
    await writeFile(file('parks'), JSON.stringify(telling('parks', parks, right)));
    const again = ['runs', 'retry', id, '--definition', 'current'];
    const preview = await until([...again, '--dry-run'], /orders/);
    expect(preview).toMatch(/tries again: tell\n[^]*\/oders[^]*\/orders/);
    const asked = shop.received.length;
    const { code, output } = await run(...again, '--reason', 'wrong URL');
    expect(output).toContain('tries again: tell');
    expect(code).toBe(0);
    await until(['runs', 'list', '--definition', 'parks', '--state', 'completed'], /pi_8/);
    expect(shop.received.slice(asked).map(({ path }) => path)).toEqual(['/orders']);
    expect((await run(...again, '--reason', 'wrong URL')).output).toContain('not retried: it has completed');
    const shown = (await run('runs', 'show', id)).output;
    expect(shown).toMatch(/^parks {2}completed\n/);
    expect(shown).toMatch(/wrong URL/);
  });
});

describe('a run of the example of the guide', () => {
  const because = ['--reason', 'as in the guide'];
  const parkedAt = (step: string, order: string) =>
    until(['runs', '--state', 'parked'], new RegExp(`parked +${step} +${order}`));

  it('waits for somebody at the step that fails', async () => {
    const body = { order: '{{event.payment.orderId}}' };
    const once = { method: 'POST', body, retry: { attempts: 1 } };
    const steps = [
      { id: 'reserve', http: wrong, ...once, undo: { http: right, method: 'DELETE' } },
      { id: 'ok', approve: 'Ship order {{event.payment.orderId}}?', timeout: '2d' },
      { id: 'ship', http: `${shop.origin}/parcels`, ...once },
      { id: 'settle', wait: '3d' },
    ];
    const definition = { name: 'fulfil-order', on: { event: 'payment.pending' }, onFail: 'park', steps };
    await writeFile(file('fulfil-order'), JSON.stringify(definition));
    await until(['status', '--json'], /"definitions": \[[^\]]*"fulfil-order"/);
    const sample = ['send', 'stripe', 'charge.succeeded.authorized', '--set'];
    await run(...sample, 'data.object.id=ch_11', 'data.object.metadata.order_id=INV-11');
    await run(...sample, 'data.object.id=ch_12', 'data.object.metadata.order_id=INV-12');
    await parkedAt('reserve', 'INV-11');
    await parkedAt('reserve', 'INV-12');
  });

  it('takes another input, a pause, an answer, a result and a skip, and completes', async () => {
    const input = join(folder.path, 'reserve.json');
    await writeFile(input, JSON.stringify({ url: right, method: 'POST', body: { order: 'INV-11' } }));
    expect((await run('runs', 'edit-input', 'INV-11', 'reserve', '--input', input, ...because)).output).toBe(
      'Step reserve of INV-11 is tried again with this input.\n',
    );
    await until(['approvals'], /INV-11/);
    expect((await run('runs', 'pause', 'INV-11', ...because)).output).toBe(
      'INV-11 starts no further step until it is resumed.\n',
    );
    expect((await run('approve', 'INV-11', '--by', 'ana')).output).toBe(
      'ana has approved step "ok". The run goes on.\n',
    );
    expect((await run('runs', 'show', 'INV-11')).output).toMatch(/^fulfil-order {2}running, paused\n[^]*· ship /);
    expect((await run('runs', 'resume', 'INV-11', ...because)).output).toBe('INV-11 goes on.\n');
    await parkedAt('ship', 'INV-11');
    expect(
      (await run('runs', 'set-result', 'INV-11', 'ship', '--result', '{"parcel": "JNE-1"}', ...because)).output,
    ).toBe('Step ship of INV-11 is done with this result.\n');
    await until(['runs', '--state', 'waiting'], /settle +INV-11/);
    expect((await run('runs', 'skip', 'INV-11', 'settle', ...because)).output).toBe(
      'Step settle of INV-11 is skipped.\n',
    );
    const shown = await until(['runs', 'show', 'INV-11'], /^fulfil-order {2}completed/);
    expect(shown).toContain('output  {"parcel":"JNE-1"}');
    expect(shown.match(/\(cli\): as in the guide/g)).toHaveLength(5);
  });

  it('takes back the reservation when it is canceled', async () => {
    const input = JSON.stringify({ url: right, method: 'POST', body: { order: 'INV-12' } });
    await run('runs', 'edit-input', 'INV-12', 'reserve', '--input', input, ...because);
    await until(['approvals'], /INV-12/);
    expect((await run('runs', 'cancel', 'INV-12', ...because)).output).toBe(
      'INV-12 is being canceled, and undoes what it did if its definition says so.\n',
    );
    await until(['runs', 'show', 'INV-12'], /^fulfil-order {2}canceled/);
    expect(shop.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/orders' });
  });
});

describe('a Kait that is killed', () => {
  async function killAndStart(): Promise<void> {
    await kait.end('SIGKILL');
    kait = startKait(folder.path, ['dev'], environment);
    await kait.untilOutput(/Following .*definitions/);
  }

  it('amid a rescue goes on with it, and asks the shop again under the same key', async () => {
    const refused = telling('refused', { on: { event: 'payment.failed' } }, wrong);
    await writeFile(file('refused'), JSON.stringify(refused));
    await until(['status', '--json'], /"definitions": \[[^\]]*"refused"/);
    await run('send', 'stripe', 'payment_intent.payment_failed', '--set', 'data.object.id=pi_9');
    await until(['runs', 'list', '--definition', 'refused'], /failed +tell/);
    const id = await idOf('refused');
    const step = { ...refused.steps[0], http: `${shop.origin}/slow`, timeout: '2s', retry: { attempts: 5 } };
    await writeFile(file('refused'), JSON.stringify({ ...refused, steps: [step] }));
    const again = ['runs', 'retry', id, '--definition', 'current'];
    await until([...again, '--dry-run'], /slow/);
    shop.answer(() => undefined);
    expect((await run(...again, '--reason', 'wrong URL')).output).toContain('goes on as');
    await vi.waitFor(() => expect(shop.received.at(-1)?.path).toBe('/slow'), { timeout: 60_000 });
    await killAndStart();
    shop.answer((response) => response.writeHead(200).end());
    await until(['runs', 'list', '--definition', 'refused'], /completed/);
    const keys = shop.received.flatMap(({ path, headers }) => (path === '/slow' ? [headers['idempotency-key']] : []));
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect((await run(...again, '--reason', 'wrong URL')).output).toContain('not retried: it has completed');
  });

  it('amid a migration has migrated the run once, and its next step runs once', async () => {
    const waiting = await until(['runs', '--state', 'waiting', '--step', 'refund'], /\/waits\/stripe\//);
    const id = /\S+\/waits\/stripe\/\S+/.exec(waiting)?.[0] ?? '';
    const steps = [
      { id: 'refund', waitFor: 'payment.refunded', timeout: '7d' },
      { id: 'after', http: `${shop.origin}/after`, method: 'POST' },
    ];
    const changed = { name: 'waits', on: { event: 'payment.succeeded' }, steps };
    await writeFile(file('waits'), JSON.stringify(changed));
    await until(['runs', 'migrate', id, '--dry-run'], /1 would be migrated/);
    const migrated = run('runs', 'migrate', id, '--reason', 'a new end');
    await kait.untilOutput(/run migrated/);
    await killAndStart();
    await migrated;
    await until(['runs', 'migrate', id, '--reason', 'a new end'], /1 has the definition already/);
    await until(['runs', 'skip', id, 'refund', '--reason', 'paid back by hand'], /is skipped/);
    await until(['runs', 'show', id], /^waits {2}completed/);
    const { output } = await run('runs', 'show', id);
    expect(output.match(/a new end/g)).toHaveLength(1);
    expect(shop.received.filter(({ path }) => path === '/after')).toHaveLength(1);
  });
});
