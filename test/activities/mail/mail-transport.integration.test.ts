import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFileMailTransport,
  type MailTransport,
  type OutgoingMail,
  createSmtpMailTransport,
} from '../../../activities/mail/mail-transport.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const mail: OutgoingMail = {
  from: 'Kopi Bagus <shop@shop.example>',
  to: 'ana@shop.example',
  subject: 'Your receipt – Żółć',
  text: 'Thank you, Ana.\n.\nA line with a dot alone came before.\n',
  messageId: '<0123abcd@kait.shop.example>',
  date: new Date('2026-11-25T08:00:00.000Z'),
};

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A real SMTP server on a free port, which keeps the mails that it gets. */
async function startSmtp(options: SMTPServerOptions = {}) {
  const received: { mail: ParsedMail; recipients: string[] }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      void simpleParser(stream).then((parsed) => {
        received.push({ mail: parsed, recipients: session.envelope.rcptTo.map(({ address }) => address) });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // A client that leaves without QUIT.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { received, url: `smtp://127.0.0.1:${port}`, port };
}

function smtpTransport(url: string): MailTransport {
  const transport = createSmtpMailTransport({ url, timeouts: { connectMs: 2_000, greetingMs: 2_000, silenceMs: 300 } });
  cleanUps.push(() => transport.close());
  return transport;
}

const smtpError = (code: number, message: string) => Object.assign(new Error(message), { responseCode: code });

describe('the SMTP transport', () => {
  it('delivers a complete mail to its one recipient', async () => {
    const { received, url } = await startSmtp();
    await smtpTransport(url).send(mail);
    expect(received).toHaveLength(1);
    expect(received[0]?.recipients).toEqual(['ana@shop.example']);
    expect(received[0]?.mail).toMatchObject({
      subject: 'Your receipt – Żółć',
      text: mail.text,
      messageId: '<0123abcd@kait.shop.example>',
      date: mail.date,
      from: { text: '"Kopi Bagus" <shop@shop.example>' },
      to: { text: 'ana@shop.example' },
    });
    expect(received[0]?.mail.headers.get('auto-submitted')).toBe('auto-generated');
  });

  it('lets nothing in the recipient become another recipient or header', async () => {
    const { received, url } = await startSmtp();
    const hostile = { ...mail, to: 'ana@shop.example, eve@evil.example', subject: 'a\r\nBcc: eve@evil.example' };
    await smtpTransport(url)
      .send(hostile)
      .catch(() => undefined);
    expect(received.flatMap(({ recipients }) => recipients)).not.toContain('eve@evil.example');
    expect(received.map(({ mail: { bcc } }) => bcc).filter(Boolean)).toEqual([]);
  });

  it.each([
    [450, 'MailUnavailable', false],
    [451, 'MailUnavailable', false],
    [550, 'MailRefused', true],
    [554, 'MailRefused', true],
  ])('takes a %i of the server as %s', async (code, type, nonRetryable) => {
    const { url } = await startSmtp({ onRcptTo: (_address, _session, done) => done(smtpError(code, 'no such box')) });
    await expect(smtpTransport(url).send(mail)).rejects.toMatchObject({
      type,
      nonRetryable,
      message: `The mail server answered RCPT with: ${code} no such box`,
      details: [{ responseCode: code }],
    });
  });

  it('shows no credential that the server repeats', async () => {
    const { port } = await startSmtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        done(smtpError(535, `bad login ${username ?? ''} ${password ?? ''} AHVzZXIAc2UvY3JldA==`)),
    });
    const transport = smtpTransport(`smtp://user:se%2Fcret@127.0.0.1:${port}`);
    const failure: unknown = await transport.send(mail).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      type: 'MailRefused',
      message: 'The mail server answered AUTH with: 535 bad login user [secret] [secret]',
    });
    expect(JSON.stringify(failure)).not.toContain('cret@');
  });

  it('fails transiently if no server listens or it falls silent', async () => {
    const silent = createTcpServer((socket) => void socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await expect(smtpTransport(`smtp://127.0.0.1:${port}`).send(mail)).rejects.toMatchObject({
      type: 'MailUnavailable',
      nonRetryable: false,
      message: 'The mail server did not answer (ETIMEDOUT)',
    });
    await new Promise((resolve) => silent.close(resolve));
    await expect(smtpTransport(`smtp://127.0.0.1:${port}`).send(mail)).rejects.toMatchObject({
      type: 'MailUnavailable',
      nonRetryable: false,
    });
  });
});

describe('the file transport', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  it('writes a mail that a mail program can read, once for each Message-ID', async () => {
    const transport = createFileMailTransport({ folder: join(folder, 'mail') });
    await transport.send(mail);
    await transport.send(mail);
    expect(await readdir(join(folder, 'mail'))).toEqual(['0123abcd.eml']);
    const parsed = await simpleParser(await readFile(join(folder, 'mail', '0123abcd.eml')));
    expect(parsed).toMatchObject({ subject: 'Your receipt – Żółć', messageId: '<0123abcd@kait.shop.example>' });
    expect(parsed.text).toBe(mail.text);
  });

  it('stays in its folder with any Message-ID', async () => {
    await createFileMailTransport({ folder }).send({ ...mail, messageId: '<../../x@kait.shop.example>' });
    expect(await readdir(folder)).toEqual(['______x.eml']);
  });

  it('fails transiently if the folder is not writable', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createFileMailTransport({ folder: join(folder, 'file') }).send(mail)).rejects.toMatchObject({
      type: 'MailUnavailable',
      nonRetryable: false,
    });
  });
});
