import type { Installation } from '../../../storage/installation.ts';
import { messageSeal, messageSealFits } from '../../../storage/message-seal.ts';

/** What a portal link lets its holder do: manage the endpoints of one tenant until it expires. */
export interface PortalAccess {
  tenant: string;
  /** Milliseconds since 1970. */
  expiresMs: number;
  /** Of the tenant's links. A link of an earlier generation is revoked. */
  generation: number;
}

/*
 * `kaitp_<access>.<seal>`. It is signed with the installation's key, so that it needs no row, and every server of the installation knows it.
 */

export const portalPrefix = 'kaitp_';
const kind = 'portal link';

export function portalToken(installation: Pick<Installation, 'sealKey'>, access: PortalAccess): string {
  const { tenant, expiresMs, generation } = access;
  const content = Buffer.from(JSON.stringify([tenant, expiresMs, generation])).toString('base64url');
  return `${portalPrefix}${content}.${messageSeal(installation, kind, [content])}`;
}

/** What a token allows, whether or not it has expired or was revoked. Null: Kait has not made it. */
export function readPortalToken(installation: Pick<Installation, 'sealKey'>, token: string): PortalAccess | null {
  const [, content, seal] = /^kaitp_([\w-]{1,400})\.([0-9a-f]{64})$/.exec(token) ?? [];
  if (content === undefined || seal === undefined || !messageSealFits(installation, kind, [content], seal)) return null;
  // Nobody else can have sealed it.
  const [tenant, expiresMs, generation] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [
    string,
    number,
    number,
  ];
  return { tenant, expiresMs, generation };
}
