import { parseDuration } from '../../../language/time.ts';
import type { CompiledPreset } from '../presets.ts';
import type { SourceEntry } from '../source-schema.ts';
import { apiKeyVariable } from './api-key-variable.ts';
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
  /** The variable with the key. */
  keyName: string;
  /** Called for each request, so that a new key takes effect at once. Undefined if it is not set. */
  readKey: () => string | undefined;
  /** Whether the gateway is asked about an event before a run goes on with it. */
  confirm: boolean;
  /** Whether test events start runs. */
  test: boolean;
  /** How far back a reconciliation looks. */
  lookBackMs: number;
}

const defaultLookBackMs = 24 * 60 * 60 * 1_000;

/** All sources by name, from the checked entries of the sources file. */
export function mountAskSources(deps: {
  entries: ReadonlyMap<string, SourceEntry>;
  presets: ReadonlyMap<string, CompiledPreset>;
  lookupSecret: (name: string) => string | undefined;
}): Map<string, AskSource> {
  return new Map(
    [...deps.entries].flatMap(([name, entry]) => {
      const preset = deps.presets.get(entry.gateway);
      if (preset === undefined) return []; // Not reached: the file's schema checks this.
      const { apiUrl, confirm, environment, reconcile, settings, test } = entry;
      const keyName = apiKeyVariable(name, entry, preset.declared);
      const source: AskSource = {
        name,
        preset,
        ask: compileAsk(preset.declared),
        settings,
        apiUrl: (api) => (apiUrl ?? api[environment])?.replace(/\/+$/, ''),
        keyName,
        readKey: () => deps.lookupSecret(keyName),
        confirm,
        test,
        lookBackMs: reconcile === undefined ? defaultLookBackMs : parseDuration(reconcile.lookBack),
      };
      return [[name, source] as const];
    }),
  );
}

/**
 * Which API key is missing for what a source asks, and what that leaves open. Null: none is. Webhooks are stored without it, but
 * no run goes on unconfirmed.
 */
export function missingKeyWarning(
  name: string,
  entry: Pick<SourceEntry, 'apiKey' | 'secrets' | 'confirm' | 'reconcile'>,
  preset: CompiledPreset['declared'],
  lookupSecret: (name: string) => string | undefined,
): string | null {
  const open = [
    ...(entry.confirm ? ['its runs wait at their first step kait:confirm, for half a day, and then fail'] : []),
    ...(preset.fetch === undefined || (preset.fetch.into !== undefined && entry.apiKey === undefined)
      ? []
      : [
          preset.fetch.into === undefined
            ? 'its notices are stored but become no events, and are given up after a day'
            : 'its events wait for answers for a day, and then start their runs without them',
        ]),
    ...(entry.reconcile === undefined ? [] : ['webhooks that never arrived are not found']),
  ];
  const variable = apiKeyVariable(name, entry, preset);
  if (open.length === 0 || (lookupSecret(variable) ?? '') !== '') return null;
  return `Source "${name}" has no API key of ${preset.title}: ${variable} is not set. Until it is, ${open.join('; ')}.`;
}

/**
 * Whether Kait can ask the gateway for what it adds to a source's events. A variable that the source names may be set only where the
 * worker runs.
 */
export function completesEvents(
  name: string,
  entry: Pick<SourceEntry, 'apiKey' | 'apiUrl' | 'environment' | 'secrets'>,
  preset: CompiledPreset['declared'],
  lookupSecret: (name: string) => string | undefined,
): boolean {
  const { fetch } = preset;
  if (fetch?.into === undefined || (entry.apiUrl ?? fetch.api[entry.environment]) === undefined) return false;
  return entry.apiKey !== undefined || (lookupSecret(apiKeyVariable(name, entry, preset)) ?? '') !== '';
}
