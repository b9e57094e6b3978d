import { z } from 'zod';
import { closest, suggest } from '../../language/closest.ts';
import { parseDuration } from '../../language/duration.ts';
import { askProblems } from './ask/compile-ask.ts';
import type { CompiledPreset, Presets } from './presets.ts';
import { networkSchema } from '../../http/networks.ts';

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of an environment variable, never the secret itself');

const duration = z.string().refine(isDuration, 'expected a duration up to 365d, such as 30d');

const rate = z.strictObject({ perSecond: z.number().positive().max(100_000), burst: z.int().min(1).max(1_000_000) });

const fields = {
  secrets: z
    .array(variable)
    .max(8)
    .default([])
    .describe('Environment variables that hold a secret each. Several during a rotation: any of them is accepted.'),
  keyring: z
    .record(z.string().min(1), variable)
    .default({})
    .describe('Environment variables by the ids that requests name their keys with.'),
  settings: z.record(z.string(), z.string().min(1)).default({}).describe('What the preset asks for besides secrets.'),
  toleranceSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe('Greatest age of a signature, where the preset has one and clocks drift.'),
  environment: z.enum(['live', 'sandbox']).default('live').describe('Which of the gateway’s systems this is.'),
  publicUrl: z
    .url()
    .optional()
    .describe('The address exactly as the gateway has it. Default: KAIT_PUBLIC_URL/in/name.'),
  paths: z
    .array(
      z.string().regex(/^\/(?!in\/|healthz$|readyz$)[\w.~/-]{1,200}$/, 'expected a path such as /v1.0/debit/notify'),
    )
    .max(16)
    .default([])
    .describe(
      'Paths at which the source is mounted as well, for gateways that prescribe them. A path secret follows these too.',
    ),
  pathSecret: variable
    .optional()
    .describe('A variable whose value is the last part of the URL, /in/name/<secret>. For gateways that sign nothing.'),
  allowFrom: z
    .array(z.union([z.literal('documented'), networkSchema]))
    .min(1)
    .optional()
    .describe('Addresses that requests may come from; "documented" stands for those of the preset. Default: all.'),
  rateLimit: rate.optional().describe('Requests above it are answered 429. Default: no limit.'),
  addressRateLimit: rate.optional().describe('The same for each address that requests come from. Default: no limit.'),
  keepBodies: duration
    .optional()
    .describe('How long the bytes of each request are kept for a second look. Default: for ever.'),
  keepHeaders: z
    .array(z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'expected the name of a header'))
    .max(16)
    .default([])
    .describe('Headers that are kept with the body, to be forwarded with it.'),
  confirm: z
    .boolean()
    .default(false)
    .describe('Whether each run first asks the gateway if what the webhook says is so.'),
  apiKey: variable
    .optional()
    .describe(
      'A variable with the key for asking the gateway. Default: the first secret, where the gateway has one key for both.',
    ),
  apiUrl: z.url().optional().describe('The gateway’s API, where it is not the usual one.'),
  reconcile: z
    .strictObject({ every: duration, lookBack: duration })
    .optional()
    .describe('Ask the gateway regularly for events that never arrived.'),
};

/** `definitions/sources.json`: which gateway is mounted at which URL. `presets` are those that there are. */
export function createSourcesSchema(presets: Presets) {
  return z
    .object({ $schema: z.string().optional() })
    .catchall(createSourceSchema(presets))
    .superRefine((sources, context) => {
      const paths = new Map<string, string>();
      for (const [name, entry] of Object.entries(sources)) {
        if (typeof entry !== 'object') continue; // `$schema` is a text.
        if (!namePattern.test(name)) {
          const message = `"${name}" cannot be a part of a URL: expected up to 63 lower-case letters, digits and -`;
          context.addIssue({ code: 'custom', path: [name], message });
        }
        entry.paths.forEach((path, index) => {
          const other = paths.get(path);
          if (other !== undefined) {
            const message = `${path} is a path of "${other}" already`;
            context.addIssue({ code: 'custom', path: [name, 'paths', index], message });
          }
          paths.set(path, name);
        });
      }
    });
}

export type SourceEntry = z.output<ReturnType<typeof createSourceSchema>>;

function createSourceSchema(presets: Presets) {
  const names = [...presets.keys()];
  return z
    .strictObject({
      gateway: z
        .string()
        .superRefine((gateway, context) => {
          if (names.includes(gateway)) return;
          const hint = suggest(gateway, names, `Known are ${names.join(', ')}.`);
          context.addIssue({ code: 'custom', message: `there is no preset "${gateway}". ${hint}` });
        })
        .describe('A preset of definitions/gateways, without .json.'),
      ...fields,
    })
    .superRefine((entry, context) => {
      const compiled = presets.get(entry.gateway);
      if (compiled === undefined) return;
      for (const { path, message } of problemsOf(entry, compiled)) context.addIssue({ code: 'custom', path, message });
    });
}

interface Problem {
  path: string[];
  message: string;
}

type Entry = z.output<z.ZodObject<typeof fields>>;

/** What is wrong about a source only for its gateway. */
function problemsOf(entry: Entry, { declared: preset, needs }: CompiledPreset): Problem[] {
  const declared = Object.entries(preset.settings);
  const missing = declared.filter(([name, { optional }]) => !optional && entry.settings[name] === undefined);
  const unknown = Object.keys(entry.settings).filter((name) => !Object.hasOwn(preset.settings, name));
  return [
    ...missing.map(([name, { about }]) => ({
      path: ['settings'],
      message: `${preset.title} needs the setting "${name}": ${about}`,
    })),
    ...unknown.map((name) => ({
      path: ['settings', name],
      message: unknownSetting(
        name,
        declared.map(([each]) => each),
      ),
    })),
    ...(needs === 'secrets' && entry.secrets.length === 0
      ? [{ path: ['secrets'], message: `${preset.title} needs a secret: ${preset.setup.secret}` }]
      : []),
    ...(needs === 'keyring' && Object.keys(entry.keyring).length === 0
      ? [{ path: ['keyring'], message: `${preset.title} names its keys: expected their variables by their ids` }]
      : []),
    ...(needs === 'path-secret' && entry.pathSecret === undefined
      ? [
          {
            path: ['pathSecret'],
            message: `${preset.title} signs nothing: expected a variable for a secret in the URL`,
          },
        ]
      : []),
    ...(entry.allowFrom?.includes('documented') === true && documentedOf(entry, preset).length === 0
      ? [{ path: ['allowFrom'], message: `the preset has no addresses of ${preset.title} for ${entry.environment}` }]
      : []),
    ...askProblems(entry, preset),
  ];
}

function unknownSetting(name: string, known: string[]): string {
  const near = closest(name, known);
  return `"${name}" is not a setting of this gateway.${near === undefined ? '' : ` Did you mean "${near}"?`}`;
}

/** The addresses that the preset has for the source's environment. */
export function documentedOf(
  { environment }: Pick<Entry, 'environment'>,
  preset: CompiledPreset['declared'],
): string[] {
  return preset.addresses?.[environment] ?? [];
}

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) > 0;
  } catch {
    return false;
  }
}
