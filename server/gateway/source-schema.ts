import { z } from 'zod';
import { closest, suggest } from '../../language/closest.ts';
import { parseDuration } from '../../language/time.ts';
import { ownSource } from '../../language/triggers.ts';
import { apiKeyVariable } from './ask/api-key-variable.ts';
import { askProblems } from './ask/compile-ask.ts';
import {
  fieldKinds,
  type FieldKind,
  fromEnvironment,
  gatewayVariable,
  type SourceEnvironment,
  variable,
} from './from-environment.ts';
import type { CompiledPreset, Presets } from './presets.ts';
import { networkSchema } from '../../http/networks.ts';

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

const duration = z.string().refine(isDuration, 'expected a duration up to 365d, such as 30d');

const rate = z.strictObject({ perSecond: z.number().positive().max(100_000), burst: z.int().min(1).max(1_000_000) });

const fieldsIn = (environment: SourceEnvironment | null) => {
  const given = <Schema extends z.ZodType>(schema: Schema, kind: FieldKind) =>
    fromEnvironment(schema, kind, environment);
  return {
    secrets: z
      .array(variable)
      .max(8)
      .default([])
      .describe(
        'Names of environment variables, each with one secret. Several during a rotation: any of them may sign.',
      ),
    keyring: z
      .record(z.string().min(1), variable)
      .default({})
      .describe('Names of environment variables by the key ids in requests.'),
    settings: z
      .record(z.string(), given(z.string().min(1), fieldKinds.text))
      .default({})
      .describe('Settings that the preset asks for.'),
    toleranceSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('Greatest age of a signature in seconds, if the preset checks it. For clocks that drift.'),
    environment: given(z.enum(['live', 'sandbox']), fieldKinds.environment)
      .default('live')
      .describe('The gateway’s environment that sends to this source.'),
    test: given(z.boolean(), fieldKinds.flag)
      .optional()
      .describe(
        'Whether the gateway’s test events start runs. Otherwise they are stored as ignored. Default: true if the environment is sandbox.',
      ),
    publicUrl: given(z.url(), fieldKinds.url)
      .optional()
      .describe('The address exactly as registered at the gateway. Default: KAIT_PUBLIC_URL/in/name.'),
    paths: z
      .array(
        z
          .string()
          .max(201)
          .regex(
            // `locateSource` reads a doubled slash as one, and leaves out one at the end.
            /^(?!\/(?:in(?:\/|$)|approve(?:\/|$)|callback(?:\/|$)|healthz$|readyz$))(?:\/[\w.~-]+)+$/,
            'expected a path such as /v1.0/debit/notify, without // and without a slash at the end: requests with them arrive too',
          ),
      )
      .max(16)
      .default([])
      .describe('More paths of this source, for gateways that prescribe them. A path secret follows these too.'),
    pathSecret: variable
      .optional()
      .describe(
        'The name of a variable with the last part of the URL, /in/name/<secret>. For gateways that sign nothing.',
      ),
    allowFrom: given(z.array(z.union([z.literal('documented'), networkSchema])).min(1), fieldKinds.networks)
      .optional()
      .describe('Addresses that requests may come from. "documented" stands for the preset’s addresses. Default: any.'),
    rateLimit: rate.optional().describe('Requests beyond this rate get 429. Default: no limit.'),
    addressRateLimit: rate.optional().describe('The same for each sender’s address. Default: no limit.'),
    keepBodies: duration
      .optional()
      .describe('How long the bytes of each request are kept. Default: as long as keepEvents, or else forever.'),
    keepEvents: duration
      .optional()
      .describe(
        'How long the details of each event are kept, and its body at most. Its identity is kept forever, so that it never runs twice. Default: forever.',
      ),
    keepHeaders: z
      .array(z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, 'expected the name of a header'))
      .max(16)
      .default([])
      .describe('Headers to keep with the body, so that they can be forwarded.'),
    confirm: given(z.boolean(), fieldKinds.flag)
      .optional()
      .describe(
        'Whether each run first asks the gateway if the webhook is true. Default: true if the preset’s confirm level is "required". false leaves open what the signature does not cover.',
      ),
    apiKey: variable
      .optional()
      .describe(
        'The name of a variable with the API key. Default: the first secret if the gateway uses one key for both, else the source’s name with _API_KEY: XENDIT_API_KEY.',
      ),
    apiUrl: given(z.url(), fieldKinds.url)
      .optional()
      .describe('The address of the gateway’s API, if it is not the usual one.'),
    reconcile: z
      .strictObject({ every: duration, lookBack: duration })
      .optional()
      .describe('Asks the gateway regularly for events that never arrived.'),
  };
};

/**
 * The schema of `definitions/sources.json`, which mounts gateways at URLs. `presets` are the known gateways, `environment` has the values
 * of the variables that the file names; null for a schema that only says what may be written.
 */
export function createSourcesSchema(presets: Presets, environment: SourceEnvironment | null) {
  return z
    .object({ $schema: z.string().optional() })
    .catchall(createSourceSchema(presets, environment))
    .superRefine((sources, context) => {
      const paths = new Map<string, string>();
      for (const [name, entry] of Object.entries(sources)) {
        if (typeof entry !== 'object') continue; // `$schema` is a text.
        const message = ownKeyProblem(name, entry, presets.get(entry.gateway));
        if (message !== null) context.addIssue({ code: 'custom', path: [name, 'apiKey'], message });
        if (!namePattern.test(name)) {
          const message = `"${name}" cannot be a part of a URL: expected up to 63 lower-case letters, digits and -`;
          context.addIssue({ code: 'custom', path: [name], message });
        }
        for (const [at, own] of [
          [name, [name]],
          [entry.gateway, [name, 'gateway']],
        ] as const) {
          const message = `"${ownSource}" is kept for the events that Kait itself makes`;
          if (at === ownSource) context.addIssue({ code: 'custom', path: [...own], message });
        }
        entry.paths.forEach((path, index) => {
          const other = paths.get(path);
          if (other !== undefined) {
            const message = `${path} already belongs to "${other}"`;
            context.addIssue({ code: 'custom', path: [name, 'paths', index], message });
          }
          paths.set(path, name);
        });
      }
    });
}

/** A source named `temporal` would send Kait's own TEMPORAL_API_KEY to its gateway, if it can ask it. */
function ownKeyProblem(
  name: string,
  entry: Pick<Entry, 'apiKey' | 'secrets'>,
  preset: CompiledPreset | undefined,
): string | null {
  const { confirm, fetch, list } = preset?.declared ?? {};
  if (
    preset === undefined ||
    entry.apiKey !== undefined ||
    [confirm, fetch, list].every((question) => question === undefined)
  )
    return null;
  const variable = apiKeyVariable(name, entry, preset.declared);
  if (gatewayVariable.test(variable)) return null;
  return `its default for "${name}" would be ${variable}, which is one of Kait’s own: expected another variable`;
}

/** A checked source of the file, with the defaults of its preset. */
export type SourceEntry = z.output<ReturnType<typeof createSourceSchema>> & { confirm: boolean; test: boolean };

function createSourceSchema(presets: Presets, environment: SourceEnvironment | null) {
  const names = [...presets.keys()];
  return z
    .strictObject({
      gateway: z
        .string()
        .superRefine((gateway, context) => {
          if (names.includes(gateway)) return;
          const hint = suggest(gateway, names, `Known are ${names.join(', ')}.`);
          context.addIssue({ code: 'custom', message: `unknown preset "${gateway}". ${hint}` });
        })
        .describe('A preset of definitions/gateways, without .json.'),
      ...fieldsIn(environment),
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

type Entry = z.output<z.ZodObject<ReturnType<typeof fieldsIn>>>;

/** Mistakes that depend on the source's gateway. */
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
      ? [{ path: ['keyring'], message: `${preset.title} names its keys: expected a variable for each key id` }]
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
