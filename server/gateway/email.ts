import { domainToASCII } from 'node:url';
import { isMailbox } from '../../language/mailbox.ts';

/**
 * The text as one address that `mail.send` accepts, or null. People and shops type anything: "N/A", two addresses, a name. Blanks around
 * it are removed, and a domain in another script is written in ASCII (RFC 5891).
 */
export function usableEmail(text: string): string | null {
  const [, local = '', domain = ''] = /^(.{1,64})@([^@]{1,253})$/.exec(text.trim()) ?? [];
  const address = `${local}@${inAscii(domain)}`;
  return isMailbox(address) ? address : null;
}

/** Only letters and digits are converted, because the function also decodes and drops other characters. */
function inAscii(domain: string): string {
  const isForeign = /[^\0-\x7f]/.test(domain) && /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain);
  return isForeign ? domainToASCII(domain) : domain;
}
