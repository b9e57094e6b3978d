/** What a key may do. Each scope includes the ones before it. */
export const scopes = ['read', 'operate', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a person is called who may do that. */
export const roles = { read: 'viewer', operate: 'operator', admin: 'admin' } as const satisfies Record<Scope, string>;

/** Who asks. */
export interface Caller {
  /** Of the API key. `admin-token` for the one that Kait was started with. */
  id: string;
  /** For the audit. */
  name: string;
  scope: Scope;
  /** Whose endpoints and deliveries it may see and change, and nothing else. Null: everything that its scope allows. */
  tenant: string | null;
}

export function isAllowed({ scope }: Pick<Caller, 'scope'>, needed: Scope): boolean {
  return scopes.indexOf(scope) >= scopes.indexOf(needed);
}

/** Who did something, for the audit: the key's name, and on whose behalf its client says that it acts. */
export function actorOf({ name }: Pick<Caller, 'name'>, by: string | undefined): string {
  return by === undefined ? name : `${by} (${name})`;
}
