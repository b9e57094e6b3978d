import type { CompiledPreset } from '../../server/gateway/presets.ts';
import type { Source } from '../../server/gateway/sources.ts';

/** A mounted source without anything that is optional. */
export function sourceOf(name: string, preset: CompiledPreset, changes: Partial<Source> = {}): Source {
  return {
    ...{ name, preset, settings: {}, paths: [], pathSecrets: null, allowFrom: null, rateLimit: null },
    ...{ credentials: { secrets: [], keyring: new Map(), fetchKey: undefined } },
    ...{ addressRateLimit: null, keepBodiesMs: null, keepEventsMs: null, keepHeaders: [], confirm: false, test: false },
    ...{ completes: false, reconcileEveryMs: null, secretFaults: [] },
    ...changes,
  };
}
