import { KaitError } from '../../../errors.ts';
import { parseDuration } from '../../../language/time.ts';
import type { CompiledPreset } from '../presets.ts';
import type { SourceEntry } from '../source-schema.ts';
import type { ApiOptions } from './ask-schema.ts';
import { compileAsk, type CompiledAsk } from './compile-ask.ts';

/** A source whose gateway is asked: it has the API key, and not the secrets that webhooks are signed with. */
export interface AskSource {
  name: string;
  preset: CompiledPreset;
  ask: CompiledAsk;
  /** For selectors `cfg:`. */
  settings: Readonly<Record<string, string>>;
  /** The API's address without a final slash. Undefined if none is known for the source's environment. */
  apiUrl: (api: ApiOptions) => string | undefined;
  /** The variable with the key. Null if the source names none. */
  keyName: string | null;
  /** Called for each request, so that a new key takes effect at once. Undefined if it is not set. */
  readKey: () => string | undefined;
  /** How far back a reconciliation looks. */
  lookBackMs: number;
}

const defaultLookBackMs = 24 * 60 * 60 * 1_000;

/**
 * All sources by name, from the checked entries of the sources' file. Throws KAIT_SECRET_MISSING with every API key that is needed
 * and not set, because runs would wait for it in vain.
 */
export function mountAskSources(deps: {
  entries: ReadonlyMap<string, SourceEntry>;
  presets: ReadonlyMap<string, CompiledPreset>;
  lookupSecret: (name: string) => string | undefined;
}): Map<string, AskSource> {
  const missing: string[] = [];
  const sources = new Map(
    [...deps.entries].flatMap(([name, entry]) => {
      const preset = deps.presets.get(entry.gateway);
      if (preset === undefined) return []; // Not reached: the file's schema checks this.
      const { apiKey, apiUrl, environment, reconcile, secrets, settings } = entry;
      const keyName = apiKey ?? (preset.declared.apiKeyIsSecret ? secrets[0] : undefined) ?? null;
      const source: AskSource = {
        name,
        preset,
        ask: compileAsk(preset.declared),
        settings,
        apiUrl: (api) => (apiUrl ?? api[environment])?.replace(/\/+$/, ''),
        keyName,
        readKey: () => (keyName === null ? undefined : deps.lookupSecret(keyName)),
        lookBackMs: reconcile === undefined ? defaultLookBackMs : parseDuration(reconcile.lookBack),
      };
      if (isAsked(entry, source) && (source.readKey() ?? '') === '') {
        missing.push(`${keyName ?? 'its "apiKey"'} (source "${name}")`);
      }
      return [[name, source] as const];
    }),
  );
  if (missing.length > 0) {
    const message = `Set the API keys for asking gateways as environment variables. Missing or empty: ${missing.join(', ')}.`;
    throw new KaitError('KAIT_SECRET_MISSING', message);
  }
  return sources;
}

function isAsked(entry: SourceEntry, { ask }: AskSource): boolean {
  return entry.confirm || entry.reconcile !== undefined || ask.fetch !== null;
}
