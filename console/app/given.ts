/** Without the members that are undefined, as the API takes parameters. */
export function given<Members extends object>(
  members: Members,
): { [Key in keyof Members]: Exclude<Members[Key], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Members]: Exclude<Members[Key], undefined> };
}
