import { signal } from '@preact/signals';
import { isPortal } from './portal.ts';
import { ApiError, problemOf, send } from './send.ts';

export type Role = 'viewer' | 'operator' | 'admin';

/** Who looks at the console. */
export interface Session {
  name: string;
  role: Role;
  /** Sent with every request that changes something. */
  csrf: string;
  /** RFC 3339. */
  expiresAt: string;
}

/** `loading` until the server has said who is logged in, and `unreachable` if it did not. */
export type SessionState =
  | { kind: 'loading' }
  | { kind: 'unreachable' }
  | { kind: 'out'; because: 'never' | 'expired' | 'logout'; oidc: boolean }
  | { kind: 'in'; session: Session };

/** Whether somebody is logged in. */
export const sessionState = signal<SessionState>({ kind: 'loading' });

const ranks: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether the viewer may do what needs a role. The server decides; this only keeps buttons from being offered in vain. */
export function may(needed: Role): boolean {
  const state = sessionState.value;
  return state.kind === 'in' && ranks[state.session.role] >= ranks[needed];
}

export function csrfToken(): string {
  const state = sessionState.peek();
  return state.kind === 'in' ? state.session.csrf : '';
}

/** Asks the server who is logged in. */
export async function loadSession(): Promise<void> {
  try {
    const response = await send('/session', { headers: { accept: 'application/json' } });
    if (response.ok) {
      sessionState.value = { kind: 'in', session: (await response.json()) as Session };
      return;
    }
    const told = (await response.json().catch(() => ({}))) as { oidc?: unknown };
    const isOut = response.status === 401;
    sessionState.value = isOut ? { kind: 'out', because: 'never', oidc: told.oidc === true } : { kind: 'unreachable' };
  } catch {
    sessionState.value = { kind: 'unreachable' };
  }
}

/** Throws an `ApiError`: 401 if the token is wrong. */
export async function logIn(token: string): Promise<void> {
  const response = await send('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw await problemOf(response);
  await loadSession();
  if (sessionState.value.kind !== 'in') throw new ApiError('', { status: 0, code: 'unreachable' });
}

export async function logOut(): Promise<void> {
  await send('/session', { method: 'DELETE', headers: { 'x-kait-csrf': csrfToken() } }).catch(() => undefined);
  endSession('logout');
}

/** Shows the page to log in. The address stays, so that the viewer comes back to where they were. */
export function endSession(because: 'expired' | 'logout'): void {
  const state = sessionState.peek();
  if (state.kind === 'out') return;
  sessionState.value = { kind: 'out', because, oidc: false };
  if (!isPortal()) void findOidc();
}

/** Whether one can log in with the organization's account is told by the answer to whoever is logged out. */
async function findOidc(): Promise<void> {
  const response = await send('/session').catch(() => null);
  const told = (await response?.json().catch(() => ({}))) as { oidc?: unknown } | undefined;
  const state = sessionState.peek();
  if (state.kind === 'out' && told?.oidc === true) sessionState.value = { ...state, oidc: true };
}
