import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { previewMail, type MailPreviewOptions } from '../../../cli/commands/mail-preview.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'mails'));
});

async function put(name: string, content: object | string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function preview(name: string, options: Partial<MailPreviewOptions> = {}): Promise<string[]> {
  const written: string[] = [];
  const format = { locale: null, timeZone: 'Asia/Jakarta' };
  const mail = { smtpUrl: null, operator: null, allowPlaintext: false, from: 'shop@shop.example', format };
  await previewMail({ definitions: folder, mail }, name, { values: [], ...options }, (text) => written.push(text));
  return written.join('\n').split('\n');
}

describe('kait mail preview', () => {
  it('shows a mail for a made-up event, in the locale that is asked for', async () => {
    await put('mails/paid.json', { subject: 'Paid', text: ['{{money}}', '{{date event.occurredAt}}'] });
    expect(await preview('paid', { locale: 'id-ID' })).toEqual([
      'Subject: Paid',
      '',
      'Rp 25.000',
      '1 Januari 2026 pukul 07.00 WIB',
    ]);
  });

  it('takes the event from a sample or a file, and values from the command line', async () => {
    await put('mails/paid.json', { subject: '{{event.payment.orderId}}', text: '{{values.name}}' });
    const event = await put('event.json', { payment: { orderId: 'INV-7' } });
    const values: [string, string][] = [['name', 'Ana']];
    expect(await preview('paid', { event, values })).toEqual(['Subject: INV-7', '', 'Ana']);
    expect((await preview('paid', { event: 'midtrans/card.settlement', values }))[0]).toBe('Subject: ORDER-1005');
  });

  it('makes up values that nobody gives, and says so', async () => {
    const text = '{{values.name}} {{money values.total event.payment.currency}} {{date values.until}}';
    await put('mails/paid.json', { subject: 'a', text });
    expect(await preview('paid')).toEqual([
      'Subject: a',
      '',
      '[name] IDR 25,000.00 1 January 2026 at 07:00 GMT+7',
      'Not given, so made up: name, total, until. Use --value name=text.',
    ]);
  });

  it.each([
    ['a.txt', 'Subject: <b>\n\n1 < 2\n'],
    ['a.html', expect.stringContaining('<h1 style="font-size: 1.2em">&lt;b&gt;</h1>')],
  ])('writes it to %s', async (name, content) => {
    await put('mails/paid.json', { subject: '<b>', text: '1 < 2' });
    await preview('paid', { out: join(folder, name) });
    expect(await readFile(join(folder, name), 'utf8')).toEqual(content);
  });

  it.each<[string, Partial<MailPreviewOptions>, string]>([
    ['paidd', {}, 'There is no mail "paidd". Did you mean "paid"?'],
    ['paid', { locale: 'xx-nowhere' }, 'Expected --locale with a language and a region such as id-ID, got xx-nowhere.'],
    ['paid', { out: 'a.pdf' }, 'Expected --out with a file that ends in .html or .txt, got a.pdf.'],
    [
      'refunded',
      {},
      "mail.send: the template's {{event.refund.id}} is not a text, a number or a boolean for this event. Give the placeholder a default after a bar, or preview another event with --event.",
    ],
  ])('refuses %s with %j', async (name, options, message) => {
    await put('mails/paid.json', { subject: 'a', text: 'b' });
    await put('mails/refunded.json', { subject: 'a', text: '{{event.refund.id}}' });
    await expect(preview(name, options)).rejects.toMatchObject({ code: 'KAIT_USAGE', message });
  });

  it('shows the mistakes of a mail', async () => {
    const file = await put('mails/paid.json', '{"subject":"a","text":"{{evnt.id}}"}');
    await expect(preview('paid')).rejects.toMatchObject({
      code: 'KAIT_MAIL_TEMPLATE_INVALID',
      message: expect.stringContaining(`${file}:1:24 error KAIT1801 {{evnt.id}} can never be filled.`),
    });
  });
});
