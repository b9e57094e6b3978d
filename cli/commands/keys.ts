import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient, ApiRefusal } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { table } from '../terminal.ts';
import { whoAmI } from '../who-am-i.ts';

export interface AddKeyOptions {
  scope: components['schemas']['ApiKey']['scope'];
  /** RFC 3339. */
  expires?: string;
}

/** `kait keys add`: makes an API key and shows its secret, which is never shown again. */
export async function addKey(api: ApiClient, name: string, { scope, expires }: AddKeyOptions): Promise<string> {
  const body = { name, scope, by: whoAmI(), ...(expires !== undefined && { expiresAt: expires }) };
  const { id, secret, expiresAt } = await answerOf(api.POST('/keys', { body }));
  return [
    `Made the key "${printable(name)}" (${id}) with the scope ${scope}${expiresAt === null ? '' : `, until ${expiresAt}`}.`,
    `Secret: ${secret}`,
    'Keep it now: it is not shown again. Send it as "Authorization: Bearer <secret>", or set KAIT_ADMIN_TOKEN to it for the commands.',
  ].join('\n');
}

/** `kait keys`: lists the API keys, without their secrets. */
export async function showKeys(api: ApiClient, query: { limit: number }, now: Date): Promise<string> {
  const { items } = await answerOf(api.GET('/keys', { params: { query } }));
  if (items.length === 0) return 'No API keys. Make one: kait keys add <name> --scope read';
  return table(
    ['id', 'name', 'scope', 'state', 'created', 'by', 'last used'],
    items.map((key) => [
      key.id,
      key.name,
      key.scope,
      stateOf(key, now),
      key.createdAt,
      key.createdBy,
      key.lastUsedAt ?? 'never',
    ]),
  );
}

function stateOf({ revokedAt, expiresAt }: components['schemas']['ApiKey'], now: Date): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  if (expiresAt === null) return 'valid';
  return new Date(expiresAt) <= now ? `expired ${expiresAt}` : `until ${expiresAt}`;
}

/** `kait keys revoke`: all servers refuse the key within seconds. */
export async function revokeKey(api: ApiClient, id: string): Promise<string> {
  try {
    await answerOf(api.DELETE('/keys/{key}', { params: { path: { key: id } } }));
    return `Revoked ${printable(id)}. All servers refuse it within seconds.`;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return `There is no key ${printable(id)}.`;
    throw error;
  }
}
