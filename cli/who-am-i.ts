import { hostname, userInfo } from 'node:os';

/** For the audit. An API key may be shared, so this is only what the client says. */
export function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`.slice(0, 200);
  } catch {
    return `unknown@${hostname()}`.slice(0, 200); // A user without an entry in the system's list, as in some containers.
  }
}
