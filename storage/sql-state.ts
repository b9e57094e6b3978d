/** The code of a driver's error: an SQLSTATE such as `23505`, or a system code such as `ECONNREFUSED`. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
