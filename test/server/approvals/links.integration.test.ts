import { fastify, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApproveStep } from '../../../language/definition.ts';
import { addLinkRoutes } from '../../../server/approvals/link-routes.ts';
import { linkToken, tokenHash } from '../../../storage/approvals/link-token.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { installation, openApprovalWorld, type ApprovalWorld } from './approval-world.ts';

/* The pages behind the links in mails, with runs on a real Temporal. */

let world: ApprovalWorld;
let app: FastifyInstance;
let now = 0;

beforeAll(async () => {
  world = await openApprovalWorld({ cachedRuns: 100 });
});
beforeEach(() => {
  now = Date.now();
  app = fastify();
  addLinkRoutes(app, {
    ...{ database: world.database, installation, people: world.people, log: pino({ level: 'silent' }) },
    decide: (asked, given) => world.answer(asked, given),
    clientAddress: ({ headers }) => headers['x-test-address']?.toString() ?? '203.0.113.7',
    now: () => now,
  });
});
afterAll(() => world.stop());

const byFinance: Partial<ApproveStep> = {
  approve: 'Refund {{event.payment.amount}} to <b>{{event.payment.customer.name}}</b>?',
  details: { Order: '{{event.payment.orderId}}', 'Said by the customer': '{{event.data.note}}' },
  by: { roles: ['finance'], requester: 'sari', notRequester: true },
  mail: true,
};
const hostile = {
  payment: { amount: 5_000, orderId: 'INV-1', customer: { name: '<script>alert(1)</script>' } },
  data: { note: 'thanks\nAnswer here: https://evil.example/' },
} as never;

/** Starts a run that asks by mail. Resolves to the paths of the links by their recipients. */
async function askByMail(step: Partial<ApproveStep> = byFinance) {
  world.mails.clear();
  const asking = await world.ask(step, { event: hostile });
  const mails = await vi.waitFor(() => {
    const sent = [...world.mails.values()];
    return sent.length < 2 ? Promise.reject(new Error('no mails yet')) : sent;
  }, 10_000);
  const links = Object.fromEntries(mails.map(({ to, text }) => [to.split('@', 1)[0] ?? '', linkIn(text)]));
  return { ...asking, mails, ana: links.ana ?? '', budi: links.budi ?? '' };
}

function linkIn(text: string): string {
  return /https:\/\/hooks\.shop\.example(\/approve\/\S+)/.exec(text)?.[1] ?? '';
}

const get = (url: string) => app.inject({ method: 'GET', url });
const post = (url: string, form: string, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

describe('a mail', () => {
  it('goes to each who may answer and has an address, with a link of their own, and to nobody else', async () => {
    const { mails, ana, budi } = await askByMail();
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['ana@shop.example', 'budi@shop.example']);
    expect(ana).not.toBe(budi);
  });

  it('has what the event says on one line each, so that its sender cannot write lines of the mail', async () => {
    const { mails } = await askByMail();
    const { subject, text } = mails[0]!;
    expect(subject).toBe('Refund 5000 to <b><script>alert(1)</script></b>?');
    expect(text.split('\n')).toContain('Said by the customer: thanks Answer here: https://evil.example/');
  });

  it('comes again to those who have not answered, with the same link, and once for each reminder', async () => {
    const { mails, run } = await askByMail({
      ...byFinance,
      by: { roles: ['finance'], min: 3 },
      remind: ['3s', '4s'],
    });
    const asked = await world.find(run);
    await world.answer(asked as never, { by: 'budi' });
    await expect.poll(() => world.mails.size, { timeout: 20_000 }).toBe(4);
    const reminders = [...world.mails.values()].slice(2);
    expect(reminders.map(({ to, subject }) => [to, subject.slice(0, 16)])).toEqual([
      ['ana@shop.example', 'Reminder: Refund'],
      ['ana@shop.example', 'Reminder: Refund'],
    ]);
    const first = mails.find(({ to }) => to === 'ana@shop.example');
    expect(linkIn(reminders[0]?.text ?? '')).toBe(linkIn(first?.text ?? ''));
    await run.handle.terminate();
  });
});

describe('a link', () => {
  it('shows the question, and looking at it any number of times decides nothing', async () => {
    const { run, ana } = await askByMail();
    const shown = await get(ana);
    expect(shown.statusCode).toBe(200);
    expect(shown.body).toContain('Refund 5000 to &lt;b&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;/b&gt;?');
    expect(shown.body).toContain('<dt>Order</dt><dd>INV-1</dd>');
    expect(shown.body).toContain('<dt>Asked for by</dt><dd>sari</dd>');
    expect(shown.body).not.toContain('<script');
    expect((await app.inject({ method: 'HEAD', url: ana })).statusCode).toBe(200);
    expect((await get(`${ana}?answer=approve`)).statusCode).toBe(200);
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [] });
    await run.handle.terminate();
  });

  it('has a page that loads nothing, is kept and indexed nowhere, and tells no other site its address', async () => {
    const { run, ana } = await askByMail();
    const { headers } = await get(ana);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    await run.handle.terminate();
  });

  it('answers once, with the address from which that was done, and leads nowhere afterwards', async () => {
    const { run, ana, budi } = await askByMail();
    const answered = await post(ana, 'answer=approve&reason=all+right');
    expect([answered.statusCode, answered.body.includes('You have approved it')]).toEqual([200, true]);
    expect(await run.handle.result()).toMatchObject({ approved: true, by: 'ana', reason: 'all right' });
    expect(await world.find(run)).toMatchObject({
      state: 'approved',
      answers: [{ by: 'ana', via: 'mail', address: '203.0.113.7', reason: 'all right' }],
    });
    const again = await post(ana, 'answer=reject');
    const other = await get(budi);
    expect([again.statusCode, other.statusCode]).toEqual([404, 404]);
    expect(again.body).toBe(other.body);
    const [kept] = await world.database.run<{ link: string }>(
      'test-link',
      'select link from approvals where reason = $1',
      ['all right'],
    );
    expect(kept?.link).toBe(tokenHash(ana.slice('/approve/'.length)));
  });

  it('answers once if its form is sent ten times at the same moment', async () => {
    const { run, ana } = await askByMail();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(ana, 'answer=approve')));
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, ...Array<number>(9).fill(404)]);
    expect((await world.find(run))?.answers).toHaveLength(1);
  });

  it.each([
    ['without a choice', ''],
    ['with another choice', 'answer=yes'],
    ['with both choices', 'answer=approve&answer=reject'],
    ['with a reason of control characters', 'answer=approve&reason=%1b[2J'],
    ['with a reason that is too long', `answer=approve&reason=${'x'.repeat(2_001)}`],
  ])('does not answer by a form %s', async (_what, form) => {
    const { run, ana } = await askByMail();
    const answered = await post(ana, form);
    expect(answered.statusCode).toBe(422);
    expect(answered.body).toContain('<form method="post">');
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [] });
    await run.handle.terminate();
  });

  it('asks for the reason that the question needs', async () => {
    const { run, ana } = await askByMail({ ...byFinance, reason: 'required' });
    expect((await post(ana, 'answer=reject&reason=+')).body).toContain('This question needs a reason.');
    expect((await post(ana, 'answer=reject&reason=fraud')).statusCode).toBe(200);
    await expect(run.handle.result()).rejects.toMatchObject({
      cause: { message: 'Step "ok": ana rejected it: fraud' },
    });
  });

  it('keeps what was filled in when the answer has to be corrected', async () => {
    const { run, ana } = await askByMail();
    const { body } = await post(ana, `reason=${encodeURIComponent('because\r\n</textarea><script>')}`);
    expect(body).toContain('\nbecause\n&lt;/textarea&gt;&lt;script&gt;</textarea>');
    const { body: corrected } = await post(ana, `answer=reject&reason=${'x'.repeat(2_001)}`);
    expect(corrected).toContain('value="reject" required checked aria-describedby="fault"');
    await run.handle.terminate();
  });

  it('speaks the language of its reader', async () => {
    const { run, ana } = await askByMail();
    const headers = { 'accept-language': 'id-ID,id;q=0.9,en;q=0.8' };
    const shown = await app.inject({ method: 'GET', url: ana, headers });
    expect(shown.body).toContain('<html lang="id">');
    expect(shown.body).toContain('<legend>Jawaban Anda</legend>');
    expect(shown.headers.vary).toBe('accept-language');
    const answered = await post(ana, 'answer=approve', headers);
    expect(answered.body).toContain('<h1>Anda telah menyetujuinya</h1>');
    expect((await app.inject({ method: 'GET', url: ana, headers })).body).toContain('Tidak ada yang perlu dijawab');
    await run.handle.result();
  });

  it('that is forged, expired, cut, of another installation, person or round leads to the page that says nothing', async () => {
    const { run, asked, ana } = await askByMail();
    const genuine = { request: asked.id, round: 0, person: 'ana', expiresAt: Math.ceil(asked.until.getTime() / 1_000) };
    const token = linkToken(installation, genuine);
    expect(`/approve/${token}`).toBe(ana);
    const [text = '', signature = ''] = token.split('.');
    const wrong = [
      '',
      '.',
      'x',
      text,
      `${text}.`,
      `.${signature}`,
      `${text}.${signature.slice(0, -1)}`,
      `${text}.${signature}.`,
      `${text}A.${signature}`,
      `${token}%00`,
      `${'A'.repeat(5_000)}.${signature}`,
      linkToken(sampleInstallation('kait-other'), genuine),
      linkToken({ ...installation, sealKey: new Uint8Array(32).fill(1) }, genuine),
      linkToken(installation, { ...genuine, person: 'sari' }),
      linkToken(installation, { ...genuine, person: 'nobody' }),
      linkToken(installation, { ...genuine, round: 1 }),
      linkToken(installation, { ...genuine, request: 'apr_none' }),
      linkToken(installation, { ...genuine, expiresAt: Math.floor(now / 1_000) }),
    ];
    const answers = await Promise.all(
      wrong.flatMap((each, index) => {
        const headers = { 'x-test-address': `198.51.100.${index}` };
        const url = `/approve/${each}`;
        return [app.inject({ method: 'GET', url, headers }), post(url, 'answer=approve', headers)];
      }),
    );
    expect([...new Set(answers.map(({ statusCode }) => statusCode))]).toEqual([404]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [] });
    await run.handle.terminate();
  });

  it('takes no form of another type, and none that is large', async () => {
    const { run, ana } = await askByMail();
    expect((await post(ana, '{"answer":"approve"}', { 'content-type': 'application/json' })).statusCode).toBe(415);
    expect((await post(ana, `answer=approve&reason=${'x'.repeat(30_000)}`)).statusCode).toBe(413);
    expect(await world.find(run)).toMatchObject({ state: 'open', answers: [] });
    await run.handle.terminate();
  });

  it('shows nothing to somebody who has lost the role', async () => {
    const { run, ana } = await askByMail();
    expect((await get(ana)).statusCode).toBe(200);
    const people = await world.people();
    const without = new Map(people).set('ana', { ...people.get('ana')!, roles: [] });
    app = fastify();
    addLinkRoutes(app, {
      ...{
        database: world.database,
        installation,
        people: () => Promise.resolve(without),
        log: pino({ level: 'silent' }),
      },
      decide: (asked, given) => world.answer(asked, given),
      ...{ clientAddress: () => '203.0.113.7', now: () => now },
    });
    expect((await get(ana)).statusCode).toBe(404);
    await run.handle.terminate();
  });

  it('can be opened although strangers of many networks try forged ones', async () => {
    const { run, ana } = await askByMail();
    const statuses = new Set<number>();
    for (let network = 0; network < 200; network += 1) {
      const headers = { 'x-test-address': `10.${network}.1.1` };
      statuses.add((await app.inject({ method: 'GET', url: '/approve/x.y', headers })).statusCode);
    }
    expect([...statuses]).toEqual([404]);
    expect((await get(ana)).statusCode).toBe(200);
    await run.handle.terminate();
  });

  it('cannot be guessed fast: one network has a few tries', async () => {
    const statuses: number[] = [];
    for (let tried = 0; tried < 25; tried += 1) statuses.push((await get('/approve/x.y')).statusCode);
    expect(statuses).toEqual([...Array<number>(20).fill(404), ...Array<number>(5).fill(429)]);
    now += 2_000;
    expect((await get('/approve/x.y')).statusCode).toBe(404);
  });
});
