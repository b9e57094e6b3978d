import { parse } from 'jsonc-parser';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { looksLikeSecret } from '../../language/project-settings.ts';
import { isObject, type Json } from '../../language/json.ts';

/** Kait's own settings, and the secrets of definitions: a source would send them to its `apiUrl`. */
export const gatewayVariable = /^(?!KAIT_|TEMPORAL_|PG[A-Z]+$|DATABASE_URL(_FILE)?$|SMTP_URL(_FILE)?$)/;

/** The name of a variable that a source may use. */
export const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of an environment variable, never the secret itself')
  .regex(gatewayVariable, 'expected a variable for this gateway alone: one of Kait’s own is for no gateway');

/** Where fields of a source that differ between sandbox and production get their values. */
export interface SourceEnvironment {
  /** The value of a variable. Undefined if it is not set. */
  lookup: (variable: string) => string | undefined;
  /** Whether a variable without a value and a default is a mistake. Not if the file is only checked, as in CI. */
  isComplete: boolean;
}

/** How the text of a variable becomes the value of a field. */
export interface FieldKind {
  /** Completes "must be …". */
  expects: string;
  read: (text: string) => unknown;
  /** Stands for a value that is not known. */
  unset: unknown;
}

export const fieldKinds = {
  environment: { expects: 'live or sandbox', read: (text) => text, unset: 'live' },
  flag: { expects: 'true or false', read: (text) => ({ true: true, false: false })[text], unset: false },
  url: { expects: 'a URL such as https://api.gateway.example', read: (text) => text, unset: 'https://unset.invalid' },
  networks: {
    expects: 'networks such as 10.0.0.0/8, or "documented", separated by commas',
    read: (text) => text.split(',').map((part) => part.trim()),
    unset: ['192.0.2.1'],
  },
  text: { expects: 'a text', read: (text) => text, unset: 'unset' },
} satisfies Record<string, FieldKind>;

/**
 * Lets a field be `{"env": "MIDTRANS_ENVIRONMENT", "default": "live"}` instead of a value. Without an environment the schema describes what
 * may be written, for editors.
 */
export function fromEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  kind: FieldKind,
  environment: SourceEnvironment | null,
): Schema {
  const reference = z.strictObject({ env: variable, default: schema.optional() });
  const described = z.union([schema, reference]);
  if (environment === null) return described as unknown as Schema; // Only its form is used.
  const resolved = z.preprocess((written, context) => {
    if (!isReference(written)) return written;
    const result = resolve(written, { schema, reference, kind, environment });
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', message: result.problem });
    return z.NEVER;
  }, schema);
  return resolved as unknown as Schema; // It puts out the same values.
}

function isReference(value: unknown): value is { env: unknown } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'env');
}

function resolve(
  written: { env: unknown },
  deps: { schema: z.ZodType; reference: z.ZodType; kind: FieldKind; environment: SourceEnvironment },
): { value: unknown } | { problem: string } {
  const { schema, reference, kind, environment } = deps;
  const { success, error } = reference.safeParse(written);
  if (!success) return { problem: error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ') };
  const { env, default: fallback } = written as { env: string; default?: unknown }; // As the schema of references says.
  const looked = lookUp(env, environment);
  if ('problem' in looked) return looked;
  const { text } = looked;
  if (text === undefined || text === '') {
    if (fallback !== undefined) return { value: fallback };
    if (!environment.isComplete) return { value: kind.unset };
    return { problem: `${env} is not set: set it to ${kind.expects}, or give it a "default" here` };
  }
  const value = kind.read(text);
  if (schema.safeParse(value).success) return { value };
  const shown = looksLikeSecret(text) ? '' : `is ${JSON.stringify(text)}, but `;
  return { problem: `${env} ${shown}must be ${kind.expects}` };
}

/** Its file may not be readable. */
function lookUp(env: string, { lookup }: SourceEnvironment): { text: string | undefined } | { problem: string } {
  try {
    return { text: lookup(env) };
  } catch (error) {
    if (error instanceof KaitError) return { problem: error.message };
    throw error;
  }
}

/** A field of a source that gets its value from a variable. */
export interface FieldReference {
  /** `environment`, or `settings.webhookId`. */
  field: string;
  variable: string;
}

/** The fields of each source of a file that get their values from variables. Nothing if the text is no JSON. */
export function fieldReferencesIn(sourcesText: string): Map<string, FieldReference[]> {
  const file = parse(sourcesText, [], { allowTrailingComma: true }) as Json | undefined;
  if (!isObject(file)) return new Map();
  return new Map(Object.entries(file).map(([name, entry]) => [name, isObject(entry) ? referencesOf(entry, '') : []]));
}

/** The text, with the values of its variables after it: whoever remembers it sees that one has changed. */
export function withVariables(sourcesText: string, lookup: SourceEnvironment['lookup']): string {
  const variables = [...fieldReferencesIn(sourcesText).values()].flat();
  return JSON.stringify([sourcesText, variables.map((each) => lookup(each.variable) ?? null)]);
}

function referencesOf(fields: Record<string, Json>, prefix: string): FieldReference[] {
  return Object.entries(fields).flatMap(([key, value]): FieldReference[] => {
    if (!isObject(value)) return [];
    if (typeof value.env === 'string') return [{ field: `${prefix}${key}`, variable: value.env }];
    return key === 'settings' ? referencesOf(value, 'settings.') : [];
  });
}
