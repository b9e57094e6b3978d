import type { components } from '../../api-types.ts';

/** What the receiver has to know in order to verify what it gets. A secret is among it only when it is new. */
export function forReceiver({ secret, signature, credentials }: components['schemas']['NewEndpoint']): string[] {
  const publicKey = credentials?.publicKey ?? null;
  const keys = [
    ...(secret === null ? [] : [`Secret: ${secret}`]),
    ...(publicKey === null ? [] : [`Public key: ${publicKey}`]),
  ];
  const once = secret === null ? [] : ['Give the secret to the receiver now: it is not shown again.'];
  if (signature !== null && 'hmac' in signature) {
    const { header, algorithm = 'sha256', encoding = 'hex', prefix = '', timestampHeader = null } = signature.hmac;
    const signed = timestampHeader === null ? 'the body' : `${timestampHeader}, a dot and the body`;
    const how = `${prefix === '' ? '' : `"${prefix}" and `}the HMAC-${algorithm.toUpperCase()} of ${signed} in ${encoding}`;
    return [...keys, ...once, `The header ${header} is ${how}.`];
  }
  const how =
    'Requests are signed by Standard Webhooks: the headers webhook-id, webhook-timestamp and webhook-signature. ' +
    'Libraries of https://www.standardwebhooks.com verify them; the same webhook-id is the same message.';
  return [...keys, ...once, how];
}
