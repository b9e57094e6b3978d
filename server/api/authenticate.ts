import { equalsAny } from '../equals-any.ts';
import { ApiProblem } from './problem.ts';
import type { Caller } from './scopes.ts';

/** Finds out who asks, by the header `Authorization` and the address of the connection. */
export type Authenticate = (authorization: string | undefined, address: string) => Promise<Caller | ApiProblem>;

/** The token that Kait was started with may do everything: with it, the first API key is made. */
const bootstrap: Caller = { id: 'admin-token', name: 'admin token', scope: 'admin' };

export function createAuthenticate({ token }: { token: string }): Authenticate {
  return (authorization = '') => {
    if (equalsAny(authorization, [`Bearer ${token}`])) return Promise.resolve(bootstrap);
    const detail = 'The API needs a key: Authorization: Bearer <key>.';
    return Promise.resolve(new ApiProblem(401, 'unauthorized', detail, { headers: { 'www-authenticate': 'Bearer' } }));
  };
}
