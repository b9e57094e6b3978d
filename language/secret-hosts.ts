import { isLoopback } from './loopback.ts';

/** A host to which a secret may be sent, as `secrets.json` names it. */
export interface SecretHost {
  /** As written. */
  text: string;
  /** Undefined: https, and http on this machine. */
  scheme: 'https:' | 'http:' | undefined;
  /** Normalized as in a URL, without the dot that may end a name. After `*.`, the domain. */
  hostname: string;
  /** `*.api.shop.example`: every name below the domain, but not the domain itself. */
  isWildcard: boolean;
  /** Empty: the scheme's own. */
  port: string;
}

/**
 * Of the domain after `*.`. Below two labels may be everybody's names: `co.uk`, `com.au`, `github.io`, `vercel.app`. Only a list that
 * changes each week could tell them from `shop.example`.
 */
const leastLabels = 3;

const form = /^(?:(https?):\/\/)?(\*\.)?(\[[0-9a-f:.]+\]|[^\s/?#\\@:[\]*%]+)(?::([1-9]\d{0,4}))?$/i;

/** The host that a text of `secrets.json` names, or why it names none. */
export function parseSecretHost(text: string): SecretHost | { problem: string } {
  const [, scheme, wildcard, written = '', port = ''] = form.exec(text) ?? [];
  const url = `https://${written}${port === '' ? '' : `:${port}`}`;
  if (written === '' || !URL.canParse(url)) return { problem: `"${text}" names no host.` };
  const hostname = withoutDot(new URL(url).hostname);
  if (hostname.split('.').includes('')) return { problem: `"${text}" names no host.` };
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  if (isAddress && !isSameAddress(hostname, written)) {
    return { problem: `"${text}" is an address in a form that may be misread. Write ${hostname}.` };
  }
  if (wildcard !== undefined && (isAddress || hostname.split('.').length < leastLabels)) {
    return { problem: `"${text}" names too many hosts. Write each of them, or a domain such as *.api.shop.example.` };
  }
  return { text, scheme: schemeOf(scheme), hostname, isWildcard: wildcard !== undefined, port };
}

function schemeOf(written: string | undefined): SecretHost['scheme'] {
  if (written === undefined) return undefined;
  return written.toLowerCase() === 'http' ? 'http:' : 'https:';
}

/** `0x7f.1` and `127.1` are addresses, too. IPv6 may be written in several ways. */
function isSameAddress(hostname: string, written: string): boolean {
  return hostname.startsWith('[') || hostname === written;
}

/** Whether a request to the URL goes to the host: by its scheme, its name and its port, not by what a resolver says. */
export function isAtSecretHost(url: URL, host: SecretHost): boolean {
  return isSchemeAllowed(url, host) && isSamePlace(url, host);
}

/** Whether only the scheme keeps the URL from being allowed. */
export function isOnlyUnencrypted(url: URL, host: SecretHost): boolean {
  return url.protocol === 'http:' && host.scheme === undefined && isSamePlace(url, host);
}

function isSchemeAllowed({ protocol, host }: URL, { scheme }: SecretHost): boolean {
  if (scheme !== undefined) return protocol === scheme;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(host));
}

function isSamePlace({ hostname, port, protocol }: URL, allowed: SecretHost): boolean {
  const name = withoutDot(hostname);
  const own = protocol === 'https:' ? '443' : '80';
  if ((port || own) !== (allowed.port || own)) return false;
  return allowed.isWildcard ? isBelow(name, allowed.hostname) : name === allowed.hostname;
}

function isBelow(name: string, domain: string): boolean {
  return name.endsWith(`.${domain}`) && !name.startsWith('.');
}

/** A name may end in a dot and means the same. */
function withoutDot(hostname: string): string {
  return hostname.endsWith('.') && !hostname.endsWith('..') ? hostname.slice(0, -1) : hostname;
}

/** How `secrets.json` would name the URL's host. */
export function secretHostOf({ protocol, hostname, port, host }: URL): string {
  const place = `${withoutDot(hostname)}${port === '' ? '' : `:${port}`}`;
  return protocol === 'http:' && !isLoopback(host) ? `http://${place}` : place;
}
