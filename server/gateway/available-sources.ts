import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { formatMistakes, readJsonText } from '../../language/json-file.ts';
import type { FaultyPresets } from './presets.ts';
import { createSourcesSchema, type SourceEntry } from './source-schema.ts';
import { entriesOf, mountSource, noEnvironment, type MountDeps, type Source } from './sources.ts';

/** A source of the file that cannot be mounted. Its webhooks are answered with 503, so that the gateway sends them again. */
export interface UnavailableSource {
  name: string;
  /** Its paths besides `/in/<name>`. */
  paths: string[];
  problem: string;
}

interface ReadDeps extends Pick<MountDeps, 'presets' | 'sourcesText' | 'file' | 'environment'> {
  /** The presets with mistakes, by the gateway's name. */
  faultyPresets: FaultyPresets;
}

/**
 * Mounts every source that can be mounted, whatever is wrong with the others: with their entries, their presets or their secrets.
 * Throws KAIT_SOURCES_INVALID only if the file is no JSON object.
 */
export function mountAvailable(deps: MountDeps & ReadDeps): {
  sources: Map<string, Source>;
  unavailable: UnavailableSource[];
} {
  const { entries, unavailable } = readAvailable(deps);
  const sources = new Map<string, Source>();
  for (const [name, entry] of entries) {
    const { source, problem } = tryMount(name, entry, deps);
    if (source !== null) sources.set(name, source);
    else unavailable.push({ name, paths: entry.paths, problem });
  }
  return { sources, unavailable };
}

function tryMount(
  name: string,
  entry: SourceEntry,
  deps: MountDeps,
): { source: Source; problem: null } | { source: null; problem: string } {
  try {
    const { source, missing } = mountSource(name, entry, deps);
    if (missing.length === 0) return { source, problem: null };
    return { source: null, problem: `Missing or empty in the environment: ${missing.join(', ')}.` };
  } catch (error) {
    if (error instanceof KaitError) return { source: null, problem: error.message }; // A secret's file cannot be read.
    throw error;
  }
}

/** The entries without a mistake. If two sources have the same path, the first gets it. Throws like {@link mountAvailable}. */
export function readAvailable({ presets, faultyPresets, sourcesText, file, environment = noEnvironment }: ReadDeps): {
  entries: Map<string, SourceEntry>;
  unavailable: UnavailableSource[];
} {
  const { value, mistakes } = readJsonText(z.record(z.string(), z.unknown()), sourcesText, file);
  if (value === null) throw new KaitError('KAIT_SOURCES_INVALID', formatMistakes(mistakes));
  const schema = createSourcesSchema(presets, environment);
  let accepted: Record<string, unknown> = {};
  const unavailable: UnavailableSource[] = [];
  for (const [name, entry] of Object.entries(value)) {
    const { success, error } = schema.safeParse({ ...accepted, [name]: entry });
    if (success) {
      accepted = { ...accepted, [name]: entry };
      continue;
    }
    const told = z.object({ gateway: z.string().optional(), paths: z.array(z.string()).default([]) }).safeParse(entry);
    const preset = faultyPresets.get(told.data?.gateway ?? '');
    const found = error.issues.map(({ path, message }) => `${file}: ${path.map(String).join('.')}: ${message}`);
    const problem = preset === undefined ? found.join('\n') : `Its preset has a mistake.\n${preset}`;
    unavailable.push({ name, paths: told.data?.paths ?? [], problem });
  }
  return { entries: entriesOf(schema.parse(accepted), presets), unavailable };
}
