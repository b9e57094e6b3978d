import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, it, vi } from 'vitest';
import { createSmtpMailTransport } from '../../../activities/mail/mail-transport.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { mailCertificate, mailCertificateKey } from './mail-certificate.ts';

const mail = {
  from: 'shop@shop.example',
  to: 'ana@shop.example',
  subject: 'Your receipt',
  text: 'Thank you, Ana.',
  messageId: '<0123abcd@kait.shop.example>',
  date: new Date('2026-11-25T08:00:00.000Z'),
};

const timeouts = { connectMs: 2_000, greetingMs: 2_000, silenceMs: 1_000 };

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Answers = Record<string, string>;

const willing: Answers = {
  EHLO: '250-mail\r\n250 AUTH PLAIN LOGIN\r\n',
  HELO: '250 mail\r\n',
  AUTH: '235 welcome\r\n',
  MAIL: '250 ok\r\n',
  RCPT: '250 ok\r\n',
  DATA: '354 go\r\n',
  '.': '250 taken\r\n',
};

/** A server that takes everything in plain text, but for what `answers` says. Returns what it was told, up to the first blank. */
async function startPlainServer(answers: Answers) {
  const told: string[] = [];
  const known = { ...willing, ...answers };
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.write('220 mail\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        const command = line.split(' ')[0] ?? '';
        told.push(command);
        if (Object.hasOwn(known, command)) socket.write(known[command] ?? '');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  cleanUps.push(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { told, port: (server.address() as AddressInfo).port };
}

function transportTo(url: string, options: { allowPlaintext?: boolean } = {}) {
  const transport = createSmtpMailTransport({ url, timeouts, ...options });
  cleanUps.push(() => transport.close());
  return transport;
}

/** An address of this machine that does not look like one. */
const elsewhere = (port: number, credentials = 'user:hunter2-hunter2@') => `smtp://${credentials}0.0.0.0:${port}`;

const withoutStartTls =
  'The mail server 0.0.0.0 offers no STARTTLS, so the mail and the password would be readable on the way. Nothing was sent. ' +
  'Use smtps:// if the server has a port for TLS. KAIT_SMTP_PLAINTEXT=true sends them anyway';

const offered = '250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n';

it.each<[what: string, answers: Answers, told: string[]]>([
  ['does not offer STARTTLS', { STARTTLS: '502 what?\r\n' }, ['EHLO', 'STARTTLS']],
  ['offers STARTTLS and then refuses it', { EHLO: offered, STARTTLS: '454 not now\r\n' }, ['EHLO', 'STARTTLS']],
  ['knows no EHLO', { EHLO: '500 what?\r\n' }, ['EHLO']],
])('sends neither the password nor the mail to a server that %s', async (_what, answers, told) => {
  const server = await startPlainServer(answers);
  await expect(transportTo(elsewhere(server.port)).send(mail)).rejects.toMatchObject({
    type: 'MailUnavailable',
    nonRetryable: false,
    message: withoutStartTls,
    details: [{ effect: 'none' }],
  });
  expect(server.told).toEqual(told);
});

it.each([
  ['goes on in plain text', '220 go\r\n'],
  ['answers the next commands in advance', '220 go\r\n250-mail\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n'],
])('sends nothing in plain text after a STARTTLS whose server %s', async (_what, answer) => {
  const server = await startPlainServer({ EHLO: offered, STARTTLS: answer });
  await expect(transportTo(elsewhere(server.port)).send(mail)).rejects.toMatchObject({ type: 'MailUnavailable' });
  expect(server.told).not.toEqual(expect.arrayContaining(['AUTH']));
  expect(server.told).not.toEqual(expect.arrayContaining(['MAIL']));
  expect(server.told).not.toEqual(expect.arrayContaining(['DATA']));
});

it('sends in plain text to another machine only with KAIT_SMTP_PLAINTEXT', async () => {
  const server = await startPlainServer({});
  await transportTo(elsewhere(server.port), { allowPlaintext: true }).send(mail);
  expect(server.told).toEqual(expect.arrayContaining(['EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA']));
});

it.each(['127.0.0.1', 'localhost', 'LOCALHOST'])('sends in plain text to %s, which is this machine', async (host) => {
  const server = await startPlainServer({});
  await transportTo(`smtp://${host}:${server.port}`).send(mail);
  expect(server.told).toEqual(expect.arrayContaining(['EHLO', 'MAIL', 'RCPT', 'DATA']));
});

async function startTlsServer(options: { secure: boolean }) {
  const seen = { credentials: [] as string[], recipients: [] as string[] };
  const server = new SMTPServer({
    ...options,
    key: mailCertificateKey,
    cert: mailCertificate,
    logger: false,
    onAuth: ({ username = '', password = '' }, session, done) => {
      seen.credentials.push(`${username}:${password} over ${session.secure ? 'TLS' : 'plain text'}`);
      done(null, { user: username });
    },
    onData: (stream, session, done) => {
      stream.resume();
      stream.on('end', () => {
        seen.recipients.push(...session.envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  server.on('error', () => undefined); // A client that distrusts the certificate leaves.
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  cleanUps.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { seen, port: (server.server.address() as AddressInfo).port };
}

it.each([
  ['smtp', false],
  ['smtps', true],
])('sends nothing over %s:// to a server whose certificate nobody vouches for', async (scheme, secure) => {
  const { seen, port } = await startTlsServer({ secure });
  await expect(transportTo(`${scheme}://user:hunter2-hunter2@0.0.0.0:${port}`).send(mail)).rejects.toMatchObject({
    type: 'MailUnavailable',
    message:
      'TLS with the mail server failed (DEPTH_ZERO_SELF_SIGNED_CERT). Nothing was sent. ' +
      'The certificate must be valid for "0.0.0.0", by an authority that Node or NODE_EXTRA_CA_CERTS trusts',
    details: [{ effect: 'none' }],
  });
  expect(seen).toEqual({ credentials: [], recipients: [] });
});

it('verifies certificates even if NODE_TLS_REJECT_UNAUTHORIZED says otherwise', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  cleanUps.push(() => void vi.unstubAllEnvs());
  const { seen, port } = await startTlsServer({ secure: false });
  await expect(transportTo(elsewhere(port)).send(mail)).rejects.toMatchObject({ type: 'MailUnavailable' });
  expect(seen).toEqual({ credentials: [], recipients: [] });
});

it.each([
  ['smtp', false],
  ['smtps', true],
])('sends the password and the mail encrypted over %s:// if the certificate is valid', async (scheme, secure) => {
  const { seen, port } = await startTlsServer({ secure });
  const authority = join(await temporaryFolder(), 'authority.pem');
  await writeFile(authority, mailCertificate);
  const program = fileURLToPath(new URL('send-one-mail.ts', import.meta.url));
  await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', program, `${scheme}://user:hunter2-hunter2@0.0.0.0:${port}`],
    { env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: authority } },
  );
  expect(seen).toEqual({ credentials: ['user:hunter2-hunter2 over TLS'], recipients: ['ana@shop.example'] });
});
