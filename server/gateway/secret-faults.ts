/** A secret that looks as if it was copied wrongly. */
export interface SecretFault {
  variable: string;
  /** Completes "STRIPE_SECRET …": `ends with a blank`. Nothing of the secret itself. */
  fault: string;
}

const invisible = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/;
const noBreakSpace = /[\u00a0\u2007\u202f]/;
const typographicQuote = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb]/;

/**
 * Says what is wrong with a secret that was copied with more than itself. Null if nothing is. The secret is used as it is: a
 * gateway might have such a secret, and one that is repaired in silence is a puzzle for whoever compares it.
 */
export function faultOf(variable: string, secret: string): string | null {
  const isPem = secret.includes('-----BEGIN ');
  if (noBreakSpace.test(secret)) return 'has a no-break space, which copying from a web page brings along';
  if (invisible.test(secret)) return 'has an invisible character, which copying from a web page brings along';
  if (typographicQuote.test(secret)) return 'has typographic quotes. Write " or leave them out';
  if (!isPem && /^\s|\s$/.test(secret)) return `${/^\s/.test(secret) ? 'begins' : 'ends'} with a blank or a line break`;
  if (/^(["'`]).*\1$/s.test(secret)) return 'has quotes around it that are part of the value';
  if (secret.startsWith(`${variable}=`) || /^(?:export |[A-Z][A-Z0-9]*_[A-Z0-9_]*=[^=])/.test(secret)) {
    return 'begins with the name of a variable. Leave out the name and the =';
  }
  if (secret.startsWith('v1,whsec_')) return 'begins with "v1,". The secret is the part from whsec_ on';
  if (/^v1a?,|^sha(?:1|256|512)=|^t=\d+,/.test(secret)) return 'looks like a signature, not like a secret';
  return null;
}
