/** The variable with a source's API key: its own, else a secret that is the key too, else by the source's name. */
export function apiKeyVariable(
  name: string,
  { apiKey, secrets }: { apiKey?: string | undefined; secrets: readonly string[] },
  { apiKeyIsSecret }: { apiKeyIsSecret: boolean },
): string {
  return apiKey ?? (apiKeyIsSecret ? secrets[0] : undefined) ?? `${name.toUpperCase().replaceAll('-', '_')}_API_KEY`;
}
