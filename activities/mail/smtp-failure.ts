import type { ApplicationFailure } from '@temporalio/common';
import type { Mask } from '../../http/mask-secrets.ts';
import { excerptOf } from '../excerpt.ts';
import { activityFailure } from '../failure-types.ts';

/** What an error means depends on where the mail was to go. */
export interface SmtpConnection {
  /** As the setting names it. */
  host: string;
  /** Whether nothing may be sent before the connection is encrypted by STARTTLS. */
  requiresStartTls: boolean;
  /** Removes the credentials. */
  mask: Mask;
}

/** nodemailer's error, each field optional. */
interface SmtpError {
  responseCode?: number;
  code?: string;
  /** What the system says, such as ECONNREFUSED. */
  originalCode?: string;
  command?: string;
  response?: string;
}

const maxResponseLength = 300;

/**
 * The failure of an attempt to send. 5xx is permanent (RFC 5321, section 4.2.1); 4xx, and failures before an answer, can change. A
 * connection that cannot be encrypted can change, too: somebody on the way may have removed STARTTLS. Nothing was sent over it.
 */
export function smtpFailure(error: unknown, { host, requiresStartTls, mask }: SmtpConnection): ApplicationFailure {
  const { responseCode, code, originalCode, command, response } = error as SmtpError;
  if (requiresStartTls && isWithoutStartTls(error as SmtpError)) return withoutStartTls(host);
  if (isUntrusted(error as SmtpError)) return untrusted(host, originalCode ?? code);
  if (responseCode === undefined) {
    return activityFailure('MailUnavailable', `The mail server did not answer (${originalCode ?? code ?? 'no code'})`);
  }
  const step = (command ?? 'SMTP').split(' ')[0] ?? 'SMTP'; // Credentials may follow `AUTH PLAIN`.
  const text = excerptOf(mask.text(response ?? '', { cut: true }), maxResponseLength);
  const type = responseCode >= 500 ? 'MailRefused' : 'MailUnavailable';
  return activityFailure(type, `The mail server answered ${step} with: ${text}`, { detail: { responseCode } });
}

/** The server knows no EHLO, which STARTTLS needs, or refuses STARTTLS. A 421 only asks to come later. */
function isWithoutStartTls({ command, responseCode }: SmtpError): boolean {
  return responseCode !== undefined && responseCode !== 421 && (command === 'EHLO' || command === 'STARTTLS');
}

function withoutStartTls(host: string): ApplicationFailure {
  const why = `The mail server ${host} offers no STARTTLS, so the mail and the password would be readable on the way`;
  const remedy = 'Use smtps:// if the server has a port for TLS. KAIT_SMTP_PLAINTEXT=true sends them anyway';
  return activityFailure('MailUnavailable', `${why}. Nothing was sent. ${remedy}`, { effect: 'none' });
}

/** The TLS handshake failed, of `smtps://` or after STARTTLS. */
function isUntrusted({ code, originalCode = '', command, responseCode }: SmtpError): boolean {
  if (responseCode !== undefined) return false;
  return (code === 'ETLS' && command === 'STARTTLS') || /CERT|SIGNED|ERR_SSL|ERR_TLS|SIGNATURE/.test(originalCode);
}

function untrusted(host: string, code: string | undefined): ApplicationFailure {
  const remedy = `The certificate must be valid for "${host}", by an authority that Node or NODE_EXTRA_CA_CERTS trusts`;
  const why = `TLS with the mail server failed (${code ?? 'no code'}). Nothing was sent`;
  return activityFailure('MailUnavailable', `${why}. ${remedy}`, { effect: 'none' });
}
