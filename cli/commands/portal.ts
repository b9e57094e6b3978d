import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { whoAmI } from '../who-am-i.ts';

/** `kait portal link`: a token with which a tenant manages its own endpoints. It is shown this once. */
export async function makePortalLink(
  api: ApiClient,
  { tenant, expires }: { tenant: string; expires?: string },
): Promise<string> {
  const body = { tenant, by: whoAmI(), ...(expires !== undefined && { expires }) };
  const { token, url, expiresAt } = await answerOf(api.POST('/portal-links', { body }));
  return [
    `The tenant ${printable(tenant)} may manage its own endpoints until ${expiresAt}, with this token:`,
    token,
    'Send it as "Authorization: Bearer <token>" to /api/v1/endpoints, /api/v1/deliveries and /api/v1/event-types.',
    'In a browser, with the token in it:',
    url,
    'Kait does not show it again. "kait portal revoke" makes all tokens of a tenant invalid.',
  ].join('\n');
}

/** `kait portal revoke`: all servers refuse the tenant's tokens within seconds. */
export async function revokePortalLinks(api: ApiClient, { tenant }: { tenant: string }): Promise<string> {
  await answerOf(api.DELETE('/portal-links/{tenant}', { params: { path: { tenant } } }));
  return `Revoked all portal links of ${printable(tenant)}. All servers refuse them within seconds.`;
}
