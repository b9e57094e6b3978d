import type { RejectionReason } from '../../server/gateway/schemes/scheme.ts';
import type { EdgeReason } from '../../server/receiver/rejection.ts';

/** What to do about a rejected request, by the reason. Written for whoever has just pasted an address into a dashboard. */
const hints: Record<RejectionReason | EdgeReason, string> = {
  'no-secret': 'The source has nothing to verify with: set the variables that it names in sources.json.',
  'missing-signature':
    'Not signed at all: a stranger, or the gateway’s webhook has no secret yet. Look at the headers.',
  'malformed-signature':
    'The signature is not of the preset’s form: a stranger, or the source has the wrong `gateway`.',
  'wrong-signature':
    'The secret is not the one of the dashboard, or belongs to test instead of live, or something on the way changes bodies.',
  'missing-token': 'The token is missing: a stranger, or the gateway’s webhook has no token yet.',
  'wrong-token': 'The token is not the one of the dashboard, or belongs to test instead of live.',
  'unsupported-algorithm':
    'The request names an algorithm that the preset does not allow; genuine gateways do not change it.',
  'unknown-key':
    'The request names a key that the source’s `keyring` does not have. Add it if the gateway’s dashboard shows it.',
  'untrusted-key':
    'The key comes from an address that the preset does not trust, most likely a forgery; or the certificate that you set is out of date.',
  incomplete:
    'Something that the signature covers is missing, or the body cannot be read: a stranger, or the wrong `gateway`.',
  'malformed-timestamp': 'The time in the signature is none: a stranger, or the wrong `gateway`.',
  'stale-timestamp': 'Signed too long ago: a replay, or the clock of this machine is fast. See `toleranceSeconds`.',
  'future-timestamp': 'Signed in the future: the clock of this machine is slow.',
  'key-unavailable':
    'The gateway’s public key could not be fetched. Gateways send again; see that this machine may reach it.',
  'not-found': 'Nothing is mounted there. The gateway’s webhook address must end with /in/<source>.',
  'unknown-source': 'There is no source of that name, or its address goes on: compare with `kait status`.',
  'wrong-path-secret': 'The address lacks the source’s path secret, or has an old one: paste the whole address again.',
  method: 'Not a POST: a browser or a scanner, most likely.',
  address: 'The sender is not in the source’s `allowFrom`. Behind a proxy, name it in KAIT_TRUSTED_PROXIES.',
  'address-rate-limited': 'Over the source’s `addressRateLimit`. Behind a proxy, name it in KAIT_TRUSTED_PROXIES.',
  'rate-limited': 'More genuine webhooks than the source’s `rateLimit` allows. The gateway sends them again.',
  'too-many-headers': 'Over 200 headers: not a gateway.',
  'headers-too-large': 'Over KAIT_HEADER_LIMIT: not a gateway, or a proxy adds very much.',
  'body-too-large': 'Over KAIT_BODY_LIMIT. Raise it if the gateway sends such batches.',
  'content-type': 'No gateway sends bodies of that type: a stranger.',
  'content-encoding':
    'The body is compressed; what is signed are the bytes before. A proxy must not compress requests.',
  expectation: 'The client expects what Kait does not do: not a gateway.',
  'request-timeout': 'The request did not arrive within 10 s: an attacker who dribbles, or a very bad line.',
  aborted: 'The client went away in the middle. Gateways do that when their own patience ends.',
  malformed: 'Not HTTP, or not well: a scanner, most likely. TLS ends at your proxy, not at Kait.',
  'too-many-connections': 'Over KAIT_MAX_CONNECTIONS, or over three quarters of them from one address.',
  'overloaded-queue': 'The database does not keep up: KAIT_INBOX_LIMIT webhooks waited for their commit.',
  'overloaded-bodies': 'Bodies of 64 MiB were in memory at once, or half of that from one address.',
  'overloaded-backlog': 'More than KAIT_BACKLOG_LIMIT events wait for Temporal: see whether it runs and keeps up.',
  'overloaded-disk': 'KAIT_HOME has less than KAIT_DISK_RESERVE left: make room.',
  'not-stored': 'The database could not store it; the log says why. Gateways send again.',
};

export function hintFor(reason: string): string {
  return Object.hasOwn(hints, reason) ? hints[reason as keyof typeof hints] : 'See the log.';
}
