import type { IncomingHttpHeaders } from 'node:http';
import type { Database } from '../../storage/database.ts';
import type { Installation } from '../../storage/installation.ts';
import { type ClientAddress, createClientAddress } from '../receiver/client-address.ts';
import type { ConsoleFiles } from './console-files.ts';
import { createLoginLinks, type LoginLinks } from './login-links.ts';
import { createOidc, type Oidc } from './oidc.ts';
import type { OidcSettings } from './oidc-roles.ts';
import { createPendingLogIns, type PendingLogIns } from './pending-log-ins.ts';
import { createSessionCheck, type SessionCheck } from './session-check.ts';
import { createSessionSecrets, type SessionSecrets } from './session-secret.ts';
import { createSessionStore, type SessionStore } from './sessions.ts';

/** The console's files, and what lets people in. */
export interface ConsoleAccess {
  files: () => Promise<ConsoleFiles>;
  /** The origins whose pages may show the tenants' portal in a frame. */
  portalOrigins: readonly string[];
  store: SessionStore;
  secrets: SessionSecrets;
  check: SessionCheck;
  links: LoginLinks;
  /** Null: nobody logs in by OpenID Connect. */
  oidc: Oidc | null;
  pending: PendingLogIns;
  /** Whether the browser came by https. */
  isSecure: (headers: IncomingHttpHeaders) => boolean;
  clientAddress: ClientAddress;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function createConsoleAccess(deps: {
  database: Pick<Database, 'run' | 'orm'>;
  installation: Installation;
  adminToken: string;
  /** `KAIT_ADMIN_URL`. */
  adminUrl: string | null;
  trustedProxies: readonly string[];
  oidc: OidcSettings | null;
  files: () => Promise<ConsoleFiles>;
  portalOrigins?: readonly string[];
  now: () => number;
}): ConsoleAccess {
  const { installation, files, now, portalOrigins = [] } = deps;
  const store = createSessionStore(deps);
  const isSecure = createIsSecure(deps.adminUrl);
  const secrets = createSessionSecrets(installation, isSecure);
  return {
    ...{ files, portalOrigins, store, secrets, isSecure, now },
    check: createSessionCheck({ find: (hash) => store.find(hash), secrets, isSecure, now }),
    links: createLoginLinks(now),
    oidc: deps.oidc === null ? null : createOidc({ settings: deps.oidc, now }),
    pending: createPendingLogIns({ installation, isSecure, now }),
    clientAddress: createClientAddress(deps.trustedProxies),
  };
}

/**
 * Kait itself speaks plain HTTP. What a proxy says of itself can be made up, but not by a page in somebody's browser, and it would only make Kait
 * stricter.
 */
function createIsSecure(adminUrl: string | null): (headers: IncomingHttpHeaders) => boolean {
  const url = adminUrl === null ? null : new URL(adminUrl);
  const secureHost = url?.protocol === 'https:' ? url.host.toLowerCase() : null;
  return ({ host = '', 'x-forwarded-proto': protocol }) =>
    protocol === 'https' || (secureHost !== null && host.toLowerCase() === secureHost);
}
