import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { createMask } from '../../http/mask-secrets.ts';
import { isLoopback } from '../../language/loopback.ts';
import { activityFailure } from '../failure-types.ts';
import { smtpFailure } from './smtp-failure.ts';

/** A complete mail to one recipient. */
export interface OutgoingMail {
  from: string;
  to: string;
  subject: string;
  text: string;
  /** With its angle brackets. The same each time the mail is sent. */
  messageId: string;
  date: Date;
}

/** Where mails go. */
export interface MailTransport {
  /**
   * Resolves when the mail is accepted. Rejects with `MailRefused` if it never will be, else with `MailUnavailable`. Neither
   * shows a credential.
   */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

/** A mail in nodemailer's terms. The recipient is an object, so that nothing parses it as a list of addresses. */
function mailOptions({ from, to, subject, text, messageId, date }: OutgoingMail): SendMailOptions {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    messageId,
    date,
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no holiday replies.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * Writes each mail to `<first part of the Message-ID>.eml` in `folder`, which it creates. Sending a mail again replaces its
 * file. A file is never incomplete.
 */
export function createFileMailTransport({ folder }: { folder: string }): MailTransport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    send: async (mail) => {
      const { message } = await composer.sendMail(mailOptions(mail));
      await writeWhole(folder, fileName(mail), message as Buffer); // By `buffer: true`.
    },
    close: () => composer.close(),
  };
}

function fileName({ messageId }: OutgoingMail): string {
  return `${messageId.replace(/^<|@.*$/g, '').replaceAll(/[^\w-]/g, '_')}.eml`;
}

async function writeWhole(folder: string, name: string, content: Buffer): Promise<void> {
  const temporary = join(folder, `.${name}.${process.pid}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error matters.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw activityFailure('MailUnavailable', `The mail folder is not writable (${code})`);
  }
}

/** Time limits of nodemailer's steps. Their sum is below the activity's own limit. */
interface SmtpTimeouts {
  connectMs: number;
  greetingMs: number;
  /** How long the server may be silent. */
  silenceMs: number;
}

const defaultTimeouts: SmtpTimeouts = { connectMs: 5_000, greetingMs: 5_000, silenceMs: 10_000 };

const maxConnections = 5;

/**
 * Sends through the server at `url` (`smtp://user:password@host:587`, `smtps://` for TLS from the start), over a few connections
 * that stay open. Over `smtp://` nothing is sent before STARTTLS has encrypted the connection, unless the server is on this machine or
 * `allowPlaintext` is set. Then the connection is still encrypted if the server offers it. Certificates are always verified.
 */
export function createSmtpMailTransport({
  url: text,
  allowPlaintext = false,
  timeouts = defaultTimeouts,
}: {
  url: string;
  allowPlaintext?: boolean;
  timeouts?: SmtpTimeouts;
}): MailTransport {
  const server = readUrl(text);
  const requireTLS = !server.secure && !allowPlaintext && !isLoopback(new URL(text).host);
  const mask = createMask(credentialsOf(server));
  const transport = createTransport({
    ...server,
    requireTLS,
    tls: { rejectUnauthorized: true }, // Otherwise NODE_TLS_REJECT_UNAUTHORIZED could turn the check off.
    pool: true,
    maxConnections,
    connectionTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.silenceMs,
  });
  return {
    send: async (mail) => {
      try {
        await transport.sendMail(mailOptions(mail));
      } catch (error) {
        throw smtpFailure(error, { host: server.host, requiresStartTls: requireTLS, mask });
      }
    },
    close: () => transport.close(),
  };
}

interface SmtpServer {
  host: string;
  port?: number;
  secure: boolean;
  auth?: { user: string; pass: string };
}

/**
 * nodemailer would read the URL itself, and take parameters such as `ignoreTLS` and `tls.rejectUnauthorized` from it. It might also
 * find another host in it than Kait, which decides by the host whether to require TLS.
 */
function readUrl(text: string): SmtpServer {
  const url = new URL(text);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port !== '' && { port: Number(url.port) }),
    secure: url.protocol === 'smtps:',
    ...((user !== '' || pass !== '') && { auth: { user, pass } }),
  };
}

/** The password, also as in the URL and as AUTH PLAIN sends it. */
function credentialsOf({ auth }: SmtpServer): string[] {
  if (auth === undefined || auth.pass === '') return [];
  return [auth.pass, encodeURIComponent(auth.pass), `\0${auth.user}\0${auth.pass}`];
}
