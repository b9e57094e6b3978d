/** A small definition as `kait fmt` formats it. */
export const formatted = `{
  "name": "shop",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "tell", "emit": "order.paid" }
  ]
}
`;
export const messy = formatted.replaceAll('\n', ' ');
/** Has a mistake in line 5. */
export const faulty = formatted.replace('"emit"', '"emitt"');

/** Runs a command. Resolves to its exit code and the text that it writes. */
export async function runCommand(
  command: (write: (text: string) => void) => Promise<number>,
): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const code = await command((text) => written.push(text));
  return { code, text: written.join('\n') };
}
