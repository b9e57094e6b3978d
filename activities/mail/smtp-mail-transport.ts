import type { ApplicationFailure } from '@temporalio/common';
import { createTransport } from 'nodemailer';
import { excerptOf } from '../excerpt.ts';
import { activityFailure } from '../failure-types.ts';
import { withoutSecrets } from '../secrets.ts';
import { mailOptions, type MailTransport } from './mail-transport.ts';

/** Time limits of nodemailer's steps. Their sum is below the activity's own limit. */
export interface SmtpTimeouts {
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
  const credentials = credentialsOf(url);
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
        throw smtpFailure(error, credentials);
      }
    },
    close: () => transport.close(),
  };
}

/** 5xx is permanent (RFC 5321, section 4.2.1). 4xx, and failures before an answer, can change. */
function smtpFailure(error: unknown, credentials: string[]): ApplicationFailure {
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
  const text = excerptOf(withoutSecrets(response ?? '', credentials), maxResponseLength);
  const type = responseCode >= 500 ? 'MailRefused' : 'MailUnavailable';
  return activityFailure(type, `The mail server answered ${step} with: ${text}`, { detail: { responseCode } });
}

/** The user and password in every form in which a server might repeat them. */
function credentialsOf(text: string): string[] {
  const url = new URL(text);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const base64 = [user, password, `\u0000${user}\u0000${password}`].map((part) => Buffer.from(part).toString('base64'));
  return [password, url.password, ...(password === '' ? [] : base64)].filter((form) => form !== '');
}
