import { roles, type Scope, scopes } from '../api/scopes.ts';

/** How Kait is known to an identity provider. */
export interface OidcSettings {
  issuer: string;
  clientId: string;
  /** Null: a public client, which proves itself by PKCE alone. */
  clientSecret: string | null;
  roles: RoleRule[];
}

/** Whoever has this value in this claim of the ID token gets this scope. */
export interface RoleRule {
  claim: string;
  value: string;
  scope: Scope;
}

/**
 * Reads `groups=payments-admins:admin`. The first `=` and the last `:` count, because names of claims and values may have colons.
 * Null: it is not like that.
 */
export function readRoleRule(text: string): RoleRule | null {
  const [, claim = '', value = '', role = ''] = /^([^=]+)=(.+):(\w+)$/s.exec(text) ?? [];
  const scope = scopes.find((each) => roles[each] === role);
  return scope === undefined ? null : { claim: claim.trim(), value: value.trim(), scope };
}

/** The highest scope that the claims give. Null: none, so the person does not get in. */
export function scopeOf(claims: Readonly<Record<string, unknown>>, rules: readonly RoleRule[]): Scope | null {
  const given = new Set(rules.filter((rule) => has(claims, rule)).map(({ scope }) => scope));
  return scopes.findLast((scope) => given.has(scope)) ?? null;
}

/** An address counts only if the identity provider says that it is the person's. */
function has(claims: Readonly<Record<string, unknown>>, { claim, value }: RoleRule): boolean {
  if (!Object.hasOwn(claims, claim)) return false;
  if (claim === 'email' && claims.email_verified !== true) return false;
  const given = claims[claim];
  return Array.isArray(given) ? given.includes(value) : given === value;
}
