import { sealSecrets } from '../../../activities/outbound/endpoint-secrets.ts';
import type { endpoints } from '../../../storage/schema.ts';
import { parseSecretKeys } from '../../../storage/secret-keys.ts';

/** The key of the tests. */
export const secretKeys = parseSecretKeys('07'.repeat(32))!;

/** A row of an endpoint that signs with `secret`. */
export function endpointRow({
  secret,
  ...columns
}: { id: string; url: string; patterns: string[]; secret: string } & Partial<typeof endpoints.$inferInsert>) {
  const signing = [{ key: secret, until: null }];
  const secrets = { signing, headers: {}, auth: null, clientCertificate: null };
  return { ...columns, ...sealSecrets(secretKeys, columns.id, secrets) };
}
