import type { RejectionReason } from '../gateway/schemes/scheme.ts';
import type { EdgeReason } from './rejection.ts';

/** What each rejection reason means and what to do, for someone who has just pasted a webhook URL into a dashboard. */
const hints: Record<RejectionReason | EdgeReason, string> = {
  'no-secret': 'The source has no secret to verify with. Set the variables that it names in sources.json.',
  'missing-signature':
    'The request is unsigned. It is from a stranger, or the gateway’s webhook has no secret yet. Check the headers.',
  'malformed-signature':
    'The signature does not have the preset’s format. The request is from a stranger, or the source has the wrong `gateway`.',
  'wrong-signature': 'The secret differs from the dashboard’s, is for test instead of live, or a proxy changes bodies.',
  'missing-token': 'The token is missing. The request is from a stranger, or the gateway’s webhook has no token yet.',
  'wrong-token': 'The token differs from the dashboard’s, or is for test instead of live.',
  'unsupported-algorithm':
    'The preset does not allow the algorithm that the request names. Genuine gateways do not change it.',
  'unknown-key':
    'The source’s `keyring` does not have the key that the request names. Add it if the gateway’s dashboard shows it.',
  'untrusted-key':
    'The key is from an address that the preset does not trust, which suggests a forgery, or your certificate has expired.',
  ambiguous:
    'The request has a form field twice, or the headers of two brands that differ. Gateways send neither; it suggests a forgery.',
  incomplete:
    'Something that the signature covers is missing, or the body is unreadable. The request is from a stranger, or the source has the wrong `gateway`.',
  'too-complex':
    'The gateway signs fields of the body, and this one has more of them, or deeper ones, than Kait reads before it knows who sent it. Genuine bodies are far smaller; it suggests an attack.',
  'unknown-charset':
    'The content type names a charset that Kait does not know, so the fields that are signed cannot be read. Have the gateway, or a proxy that changes the header, send UTF-8.',
  'malformed-timestamp':
    'The signature’s timestamp is unreadable. The request is from a stranger, or the source has the wrong `gateway`.',
  'stale-timestamp':
    'The request was signed too long ago. It is a replay, or this machine’s clock is fast. See `toleranceSeconds`.',
  'future-timestamp': 'The request was signed in the future. This machine’s clock is slow.',
  'key-unavailable':
    'Kait could not fetch the gateway’s public key. Check that this machine can reach it; the gateway sends the webhook again.',
  'not-found': 'No source is mounted at this path. The webhook URL must end with /in/<source>.',
  'unknown-source': 'No source has this name, or the URL continues after it. Compare it with `kait status`.',
  'wrong-path-secret': 'The URL lacks the source’s path secret, or has an old one. Paste the whole URL again.',
  method: 'The request is not a POST. It is probably from a browser or a scanner.',
  address:
    'The sender is not in the source’s `allowFrom`. If Kait is behind a proxy, name the proxy in KAIT_TRUSTED_PROXIES.',
  'address-rate-limited':
    'One address sent more than the source’s `addressRateLimit`. If that address is your proxy, name it in KAIT_TRUSTED_PROXIES.',
  'rate-limited': 'The source got more genuine webhooks than its `rateLimit` allows. The gateway sends them again.',
  'too-many-headers': 'The request has more than 200 headers. No gateway sends that many.',
  'headers-too-large':
    'The headers exceed KAIT_HEADER_LIMIT. The request is not from a gateway, or a proxy adds a lot to it.',
  'body-too-large': 'The body exceeds KAIT_BODY_LIMIT. Raise the limit if the gateway sends large batches.',
  'content-type':
    'The body is neither JSON, XML, a URL-encoded form nor plain text. Multipart forms are read if the preset says so: `"body": {"multipart": true}`.',
  'content-encoding':
    'The header Content-Encoding names a compression, but gateways sign the uncompressed bytes. Configure your proxy not to compress requests.',
  expectation: 'The client expects something that Kait does not support. No gateway does that.',
  'request-timeout':
    'The request took longer than 10 seconds. The connection is very slow, or the sender is an attacker.',
  aborted: 'The client disconnected mid-request. Gateways do that when they give up waiting.',
  malformed:
    'The request is not valid HTTP. It is probably from a scanner, or uses TLS, which your proxy must terminate.',
  'too-many-connections':
    'More connections were open than KAIT_MAX_CONNECTIONS, or one address held more than three quarters of them.',
  'overloaded-queue': 'The database cannot keep up. KAIT_INBOX_LIMIT webhooks were waiting to be committed.',
  'overloaded-bodies': 'Bodies took up 64 MiB of memory at once, or half of that from one address.',
  'overloaded-backlog':
    'KAIT_BACKLOG_LIMIT events are waiting for Temporal. Check that Temporal is running and keeps up.',
  'overloaded-disk': 'The disk of KAIT_HOME has less free space than KAIT_DISK_RESERVE. Free some space.',
  'source-unavailable':
    'A mistake keeps the source from being mounted; "kait status" says which. The gateway sends the webhooks again.',
  'not-storable':
    'The webhook is genuine, and a value in it cannot be stored. The log has the reason; the gateway does not send it again.',
  'not-stored':
    'The database could not store the webhook. The log has the reason; the gateway sends the webhook again.',
};

/** Every reason for a rejection. */
export const reasonNames: readonly string[] = Object.keys(hints);

export function hintFor(reason: string): string {
  return Object.hasOwn(hints, reason) ? hints[reason as keyof typeof hints] : 'See the log.';
}
