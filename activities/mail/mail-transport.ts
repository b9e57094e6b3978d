import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { createMask, type Mask } from '../../http/mask-secrets.ts';
import { excerptOf } from '../excerpt.ts';
import { activityFailure } from '../failure-types.ts';

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

const maxResponseLength = 300;

/**
 * Sends through the server at `url` (`smtp://user:password@host:587`, `smtps://` for TLS from the start), over a few connections
 * that stay open. `smtp://` upgrades with STARTTLS if the server offers it.
 */
export function createSmtpMailTransport({
  url,
  timeouts = defaultTimeouts,
}: {
  url: string;
  timeouts?: SmtpTimeouts;
}): MailTransport {
  const mask = createMask(credentialsOf(url));
  const transport = createTransport({
    url,
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
        throw smtpFailure(error, mask);
      }
    },
    close: () => transport.close(),
  };
}

/** 5xx is permanent (RFC 5321, section 4.2.1). 4xx, and failures before an answer, can change. */
function smtpFailure(error: unknown, mask: Mask): ApplicationFailure {
  const { responseCode, code, command, response } = error as {
    responseCode?: number;
    code?: string;
    command?: string;
    response?: string;
  }; // SMTPError of nodemailer, each field optional.
  if (responseCode === undefined) {
    return activityFailure('MailUnavailable', `The mail server did not answer (${code ?? 'no code'})`);
  }
  const step = (command ?? 'SMTP').split(' ')[0] ?? 'SMTP'; // Credentials may follow `AUTH PLAIN`.
  const text = excerptOf(mask.text(response ?? '', { cut: true }), maxResponseLength);
  const type = responseCode >= 500 ? 'MailRefused' : 'MailUnavailable';
  return activityFailure(type, `The mail server answered ${step} with: ${text}`, { detail: { responseCode } });
}

/** The password, also as AUTH PLAIN sends it. */
function credentialsOf(text: string): string[] {
  const url = new URL(text);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return password === '' ? [] : [password, url.password, `\0${user}\0${password}`];
}
