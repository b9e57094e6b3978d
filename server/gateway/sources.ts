import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { closest } from '../../language/closest.ts';
import { parseDuration } from '../../language/duration.ts';
import type { CompiledPreset } from './compile-preset.ts';
import { formatMistakes, readJsonText } from './json-file.ts';
import type { Presets } from './load-presets.ts';

/** A gateway at a URL, ready to verify what comes in there. */
export interface Source {
  /** The last part of the URL, `/in/<name>`. */
  name: string;
  preset: CompiledPreset;
  /** Never empty, nor are they. A request may be signed with any of them. */
  secrets: string[];
  /** How long the bytes of a request are kept. Null: for ever. */
  keepBodiesMs: number | null;
  rateLimit: { perSecond: number; burst: number } | null;
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** `definitions/sources.json`: which gateway is mounted at which URL. `gateways` are the presets that there are. */
export function createSourcesSchema(gateways: readonly string[]) {
  return z
    .object({ $schema: z.string().optional() })
    .catchall(createSourceSchema(gateways))
    .superRefine((sources, context) => {
      for (const name of Object.keys(sources)) {
        if (name === '$schema' || namePattern.test(name)) continue;
        const message = `"${name}" cannot be a part of a URL: expected up to 63 lower-case letters, digits and -`;
        context.addIssue({ code: 'custom', path: [name], message });
      }
    });
}

/**
 * Mounts the sources of a file. `lookupSecret` gives the value of an environment variable.
 * Throws KAIT_SOURCES_INVALID with every mistake, and KAIT_SECRET_MISSING with every variable that is unset or empty, since
 * a source without its secret would refuse every webhook.
 */
export function mountSources(deps: {
  presets: Presets;
  sourcesText: string;
  file: string;
  lookupSecret: (name: string) => string | undefined;
}): Map<string, Source> {
  const schema = createSourcesSchema([...deps.presets.keys()]);
  const { value, mistakes } = readJsonText(schema, deps.sourcesText, deps.file);
  if (value === null) throw new KaitError('KAIT_SOURCES_INVALID', formatMistakes(mistakes));
  const mounted = Object.entries(value).flatMap(
    ([name, entry]) => (typeof entry === 'object' ? [mount(name, entry, deps)] : []), // `$schema` is a text.
  );
  const missing = mounted.flatMap((each) =>
    each.missing.map((variable) => `${variable} (source "${each.source.name}")`),
  );
  if (missing.length > 0) {
    const message = `Set the secrets that ${deps.file} names as environment variables. Missing or empty: ${missing.join(', ')}.`;
    throw new KaitError('KAIT_SECRET_MISSING', message);
  }
  return new Map(mounted.map(({ source }) => [source.name, source]));
}

type SourceEntry = z.output<ReturnType<typeof createSourceSchema>>;

function createSourceSchema(gateways: readonly string[]) {
  return z.strictObject({
    gateway: z
      .string()
      .superRefine((gateway, context) => {
        if (gateways.includes(gateway)) return;
        const near = closest(gateway, gateways);
        const hint = near === undefined ? `Known are ${gateways.join(', ')}.` : `Did you mean "${near}"?`;
        context.addIssue({ code: 'custom', message: `there is no preset "${gateway}". ${hint}` });
      })
      .describe('A preset of definitions/gateways, without .json.'),
    secrets: z
      .array(
        z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of an environment variable, never the secret itself'),
      )
      .min(1)
      .max(8)
      .describe('Environment variables that hold a secret each. Several during a rotation: any of them is accepted.'),
    keepBodies: z
      .string()
      .refine(isDuration, 'expected a duration up to 365d, such as 30d')
      .optional()
      .describe('How long the bytes of each request are kept for a second look. Default: for ever.'),
    rateLimit: z
      .strictObject({ perSecond: z.number().positive().max(100_000), burst: z.int().min(1).max(1_000_000) })
      .optional()
      .describe('Requests above it are answered 429. Default: no limit.'),
  });
}

function mount(
  name: string,
  entry: SourceEntry,
  { presets, lookupSecret }: Pick<Parameters<typeof mountSources>[0], 'presets' | 'lookupSecret'>,
): { source: Source; missing: string[] } {
  const preset = presets.get(entry.gateway);
  if (preset === undefined) throw new Error(`The schema has let the gateway "${entry.gateway}" through.`);
  const secrets = entry.secrets.map((variable) => ({ variable, secret: lookupSecret(variable) ?? '' }));
  const source = {
    name,
    preset,
    secrets: secrets.map(({ secret }) => secret),
    keepBodiesMs: entry.keepBodies === undefined ? null : parseDuration(entry.keepBodies),
    rateLimit: entry.rateLimit ?? null,
  };
  return { source, missing: secrets.filter(({ secret }) => secret === '').map(({ variable }) => variable) };
}

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) > 0;
  } catch {
    return false;
  }
}
