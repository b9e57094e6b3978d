import { z } from 'zod';
import { explainVerification, type Remedy } from '../../gateway/explain-verification.ts';
import type { CompiledPreset } from '../../gateway/presets.ts';
import { rejectionReasons } from '../../gateway/schemes/scheme.ts';
import type { Source } from '../../gateway/sources.ts';
import { hintFor } from '../../receiver/rejection-hints.ts';
import type { ApiDeps } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';

const gateway = z
  .object({
    name: z.string(),
    title: z.string(),
    needs: z.enum(['secrets', 'keyring', 'path-secret', 'nothing']).describe('What its webhooks are verified with.'),
    setup: z.object({
      where: z.string(),
      steps: z.array(z.string()).describe('`{url}` is the address to paste.'),
      secret: z.string(),
    }),
    settings: z.array(z.object({ name: z.string(), about: z.string(), optional: z.boolean() })),
    confirm: z
      .object({ level: z.enum(['required', 'recommended']), why: z.string() })
      .nullable()
      .describe('Whether runs should ask the gateway first. Null: it cannot be asked.'),
    docs: z.array(z.string()),
    samples: z.array(z.string()),
  })
  .meta({ id: 'Gateway' });

const remedies = [
  'body-without-last-line-break',
  'body-with-line-break',
  'body-with-unix-line-ends',
  'body-with-windows-line-ends',
  'body-without-blanks-around',
  'body-compact-json',
  'secret-without-blanks-around',
  'secret-without-quotes',
  'secret-without-whsec',
  'secret-with-whsec',
  'age-only',
] as const satisfies Remedy[];

const secret = z.string().min(1).max(20_000);
const mostBody = 256 * 1024;

const tried = z.strictObject({
  headers: z
    .array(z.strictObject({ name: fields.text(200), value: z.string().max(8_000) }))
    .max(200)
    .describe('a list of at most 200 {"name", "value"}'),
  body: z
    .string()
    .max(mostBody)
    .describe('a text of at most 256 Ki characters, exactly as it was sent')
    .meta({ writeOnly: true }),
  url: z
    .string()
    .max(4_000)
    .regex(/^(?:\/[^\s]*)?$/)
    .default('')
    .describe('the path and query that the request was sent to'),
  method: z.enum(['POST', 'GET', 'PUT']).default('POST').describe('POST, GET or PUT'),
  secrets: z
    .array(secret)
    .max(5)
    .default([])
    .describe('a list of at most 5 secrets')
    .meta({ writeOnly: true, title: 'Without any, those of `source`.' }),
  keyring: z
    .record(fields.text(200), secret)
    .refine((given) => Object.keys(given).length <= 5)
    .default({})
    .describe('an object of at most 5 secrets by their ids')
    .meta({ writeOnly: true }),
  settings: z
    .record(fields.text(60), z.string().max(2_000))
    .refine((given) => Object.keys(given).length <= 20)
    .default({})
    .describe('an object of at most 20 texts'),
  source: fields.optional(fields.sourceName),
  checksAge: z.boolean().default(false).describe('true or false').meta({ title: 'Whether it must be recent.' }),
});

const explanation = z
  .object({
    genuine: z.boolean(),
    reason: z.enum(rejectionReasons).nullable().describe('Null: it is genuine.'),
    hint: z.string().nullable().describe('What the reason means, and what to do.'),
    remedies: z.array(z.enum(remedies)).describe('What has to be changed, together, to make it genuine.'),
    headers: z
      .array(z.object({ name: z.string(), isPresent: z.boolean() }))
      .describe('Those that the gateway’s preset verifies with.'),
    secretFaults: z.array(z.object({ secret: z.int().describe('Its place, from 0.'), fault: z.string() })),
    events: z
      .array(z.record(z.string(), z.unknown()))
      .describe('What Kait reads from it, genuine or not, without `data`. At most 20.'),
    unreadable: z.string().nullable().describe('Why the first event cannot be read.'),
  })
  .meta({ id: 'Verification' });

/** The gateways that Kait knows, and a workbench for their signatures. */
export function addGatewayRoutes(api: Api, deps: Pick<ApiDeps, 'presets' | 'gateways'>): void {
  addRoute(api, {
    method: 'get',
    path: '/gateways',
    scope: 'read',
    summary: 'The gateways that can be mounted, and what each needs',
    answer: z.object({ items: z.array(gateway), next: fields.nextCursor }),
    async handle() {
      const items = [...deps.presets.values()].map(async (preset) => ({
        ...shown(preset),
        samples: await deps.gateways.samplesOf(preset.name),
      }));
      return { items: await Promise.all(items), next: null };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/gateways/{gateway}/verify',
    scope: 'operate',
    summary: 'Say whether a copied request is genuine, and if not, which check fails and why',
    description:
      'Nothing of the request is stored, logged or started, and no key is fetched for it. With `source` in place of secrets, those of the source are used.',
    params: z.strictObject({ gateway: fields.text(100) }),
    body: tried,
    bodyLimit: 2 * mostBody,
    keepsNothing: true,
    answer: explanation,
    async handle({ params, body }) {
      const preset = deps.presets.get(params.gateway);
      if (preset === undefined) throw notFound(`There is no gateway "${params.gateway}".`);
      const { checksAge, url, method } = body;
      const request = { method, url, headers: headersOf(body.headers), body: Buffer.from(body.body) };
      const explained = await explainVerification(
        preset,
        { request, ...credentialsOf(body, preset, deps.gateways.sources()) },
        { checksAge, nowMs: Date.now() },
      );
      const { reason, ...rest } = explained;
      return { genuine: reason === null, reason, hint: reason === null ? null : hintFor(reason), ...rest };
    },
  });
}

function credentialsOf(
  { secrets, keyring, settings, source: name }: z.output<typeof tried>,
  preset: CompiledPreset,
  sources: readonly Source[],
) {
  const source = name === undefined ? undefined : sources.find((each) => each.name === name);
  if (name !== undefined && source?.preset.name !== preset.name) {
    throw new ApiProblem(400, 'invalid-request', `There is no source "${name}" of this gateway.`);
  }
  const own = { secrets, keyring: new Map(Object.entries(keyring)) };
  const isGiven = secrets.length > 0 || own.keyring.size > 0;
  const { secrets: stored, keyring: ring } = source?.credentials ?? own;
  return {
    credentials: isGiven ? own : { secrets: stored, keyring: ring },
    settings: { ...source?.settings, ...settings },
  };
}

/** As Node reads them: names in lower case, repeated ones as a list. */
function headersOf(given: readonly { name: string; value: string }[]): Record<string, string | string[]> {
  const byName = new Map<string, string[]>();
  for (const { name, value } of given) {
    const key = name.trim().toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), value.trim()]);
  }
  return Object.fromEntries(
    [...byName].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function shown({ name, needs, declared }: CompiledPreset) {
  const { title, setup, settings, confirm, docs = [] } = declared;
  return {
    ...{ name, title, needs, setup, docs },
    settings: Object.entries(settings).map(([key, { about, optional }]) => ({ name: key, about, optional })),
    confirm: confirm === undefined ? null : { level: confirm.level, why: confirm.why },
  };
}
