/** Where the receiver has a source; `secret` is the last part of the address of those that have one, encoded. */
export function sourcePath(name: string, secret?: string): string {
  return `/in/${name}${secret === undefined ? '' : `/${secret}`}`;
}
