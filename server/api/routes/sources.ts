import { z } from 'zod';
import { fetchMissing } from '../../fetch-missing.ts';
import { sourcePath, type Source, unconfirmedWarning } from '../../gateway/sources.ts';
import { hintFor } from '../../receiver/rejection-hints.ts';
import { type SourceTraffic, sourceTraffic } from '../../sources-overview.ts';
import type { ApiDeps, GatewayAccess } from '../api-deps.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';
import { actorOf } from '../scopes.ts';

const fetched = z
  .object({
    kind: z
      .enum(['found', 'absent', 'unaskable', 'unavailable', 'refused', 'event-unknown', 'unasked'])
      .describe(
        'absent: the gateway knows of nothing. unaskable: there is no such question. unavailable: the gateway gave no answer; ask again later. refused: it does not take the question. unasked: no worker has asked.',
      ),
    reason: z.string().nullable(),
    events: z.array(
      z.object({
        eventId: z.string(),
        type: z.string(),
        stored: z.boolean().describe('False: Kait had it already.'),
        state: fields.eventState,
        why: z.string().nullable().describe('Why it started nothing.'),
        runs: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'FetchedMissing' });

const rejection = z.object({ at: fields.instant, reason: z.string(), hint: z.string().describe('What to do.') });

const source = z
  .object({
    name: z.string(),
    gateway: z.string().nullable().describe('Null: a mistake keeps it from being mounted.'),
    title: z.string().describe('The name of the gateway for people.'),
    problem: z.string().nullable().describe('Why it is not mounted.'),
    url: z.string().nullable().describe('For the gateway’s dashboard. A secret in it is shown as `…`.'),
    secrets: z.enum(['set', 'faulty', 'missing', 'not-needed']),
    secretFaults: z.array(z.object({ variable: z.string(), fault: z.string() })),
    warnings: z.array(z.string()),
    test: z.boolean().describe('Whether test events start runs.'),
    confirm: z.boolean().describe('Whether each run asks the gateway first.'),
    canSign: z.boolean().describe('Whether Kait can sign a test itself.'),
    lastEventAt: fields.instant.nullable(),
    lastRejection: rejection.nullable().describe('The newest sample of the last seven days.'),
    rejectedLastHour: z.int().describe('As far as they were sampled.'),
    silence: z
      .object({ last: fields.instant, longestPauseSeconds: z.int() })
      .nullable()
      .describe('Null: it is not unusually quiet.'),
  })
  .meta({ id: 'Source' });

const shownSource = source
  .extend({
    setup: z
      .object({ where: z.string(), steps: z.array(z.string()), secret: z.string() })
      .nullable()
      .describe('What to do in the gateway’s dashboard.'),
    docs: z.array(z.string()),
    retries: z.string().nullable().describe('How often and how long the gateway sends again.'),
    unsigned: z.array(z.string()).describe('What the signature does not cover.'),
    settings: z.array(z.object({ name: z.string(), value: z.string() })),
    samples: z.array(z.string()),
  })
  .meta({ id: 'ShownSource' });

const params = z.strictObject({ source: z.string().max(63).describe('the name of a source') });

const defaultDays = 3;
const dayMs = 24 * 60 * 60 * 1_000;

export function addSourceRoutes(
  api: Api,
  deps: Pick<ApiDeps, 'database' | 'sourceNames' | 'findMissing' | 'wakeDispatcher' | 'gateways' | 'log'>,
): void {
  addRoute(api, {
    method: 'get',
    path: '/sources',
    scope: 'read',
    summary: 'The gateways that are mounted, and what they have sent lately',
    answer: z.object({ items: z.array(source), next: fields.nextCursor }),
    handle: async () => ({ items: await overviews(deps), next: null }),
  });
  addRoute(api, {
    method: 'get',
    path: '/sources/{source}',
    scope: 'read',
    summary: 'A source, and what to do in its gateway’s dashboard',
    params,
    answer: shownSource,
    async handle({ params: { source: name } }) {
      const [found] = await overviews(deps, name);
      if (found === undefined) throw notFound(`There is no source "${name}".`);
      const mounted = deps.gateways.sources().find((each) => each.name === name);
      if (mounted === undefined) {
        return { ...found, setup: null, docs: [], retries: null, unsigned: [], settings: [], samples: [] };
      }
      const { declared } = mounted.preset;
      const { where, steps, secret } = declared.setup;
      const url = urlOf(mounted, deps.gateways);
      return {
        ...found,
        setup: { where, secret, steps: steps.map((step) => step.replaceAll('{url}', url)) },
        ...{ docs: declared.docs ?? [], retries: declared.retries ?? null, unsigned: declared.unsigned },
        settings: Object.keys(declared.settings).flatMap((setting) => {
          const value = mounted.settings[setting];
          return value === undefined ? [] : [{ name: setting, value }];
        }),
        samples: await deps.gateways.samplesOf(mounted.preset.name),
      };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/sources/{source}/test',
    scope: 'operate',
    summary: 'Send a signed sample to a source’s own URL; it is stored, and no definition reacts to it',
    description:
      'At most 15 seconds. It is signed with the secret that Kait has, so it does not say whether the gateway has the same.',
    params,
    body: z.strictObject({ sample: fields.optional(fields.text(200)) }),
    answer: z.object({
      sample: z.string(),
      status: z.int().nullable().describe('The status of the answer. Null: there was no answer.'),
      answer: z.string().describe('Its body, or why there was no answer.'),
    }),
    async handle({ params: { source: name }, body: { sample }, caller }) {
      const mounted = deps.gateways.sources().find((each) => each.name === name);
      if (mounted === undefined) throw notFound(`There is no source "${name}".`);
      const tested = await deps.gateways.test(mounted, sample);
      deps.log.info({ source: name, status: tested.status, by: caller.name }, 'a source was tested');
      return { sample: tested.sample, status: tested.status, answer: tested.answer };
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/sources/{source}/fetch',
    scope: 'operate',
    summary: 'Ask a gateway for an event that did not arrive, and store it as if it had',
    params,
    body: z.strictObject({
      id: fields.text(200),
      days: z
        .int()
        .min(1)
        .max(90)
        .default(defaultDays)
        .describe('how many days of its list to look through, at most 90'),
      reason: fields.optional(fields.reason),
      by: fields.by,
    }),
    answer: fetched,
    problems: [404, 503],
    async handle({ params: { source }, body: { id, days, reason = 'it did not arrive', by }, caller }) {
      if (!deps.sourceNames().includes(source)) throw notFound(`There is no source "${source}".`);
      const asked = { source, id, lookBackMs: days * dayMs };
      const answer = await fetchMissing({ ...deps, find: deps.findMissing }, asked, {
        actor: actorOf(caller, by),
        reason,
      });
      if (answer.kind === 'unasked')
        throw new ApiProblem(503, 'not-asked', `The gateway was not asked: ${answer.reason}.`);
      return answer;
    },
  });
}

type Overview = z.input<typeof source>;

/** Those that are mounted and those that are not, by name; or one of them. */
async function overviews(
  { database, gateways }: Pick<ApiDeps, 'database' | 'gateways'>,
  only?: string,
): Promise<Overview[]> {
  const mounted = gateways.sources().filter(({ name }) => only === undefined || name === only);
  const names = new Set(mounted.map(({ name }) => name));
  const missing = gateways
    .unavailable()
    .filter(({ name }) => !names.has(name) && (only === undefined || name === only));
  const all = [...names, ...missing.map(({ name }) => name)];
  const traffic = await sourceTraffic(database, all);
  const trafficOf = (name: string) => {
    const { lastRejection, ...rest } = traffic.get(name) ?? noTraffic;
    const hinted = lastRejection === null ? null : { ...lastRejection, hint: hintFor(lastRejection.reason) };
    return { ...rest, lastRejection: hinted };
  };
  const shown = [
    ...mounted.map((each): Overview => ({
      ...{ name: each.name, gateway: each.preset.name, title: each.preset.declared.title, problem: null },
      ...{ url: urlOf(each, gateways), secrets: secretsOf(each), secretFaults: [...each.secretFaults] },
      warnings: [unconfirmedWarning(each.name, each, each.preset.declared)].filter((warning) => warning !== null),
      ...{ test: each.test, confirm: each.confirm, canSign: gateways.canSign(each) },
      ...trafficOf(each.name),
    })),
    ...missing.map(({ name, problem }): Overview => ({
      ...{ name, gateway: null, title: name, problem, url: null, secretFaults: [], warnings: [] },
      ...{ secrets: 'missing', test: false, confirm: false, canSign: false },
      ...trafficOf(name),
    })),
  ];
  return shown.sort((one, other) => one.name.localeCompare(other.name));
}

const noTraffic: SourceTraffic = { lastEventAt: null, lastRejection: null, rejectedLastHour: 0, silence: null };

function secretsOf({ credentials: { secrets, keyring }, pathSecrets, secretFaults }: Source): Overview['secrets'] {
  const all = [...secrets, ...keyring.values(), ...(pathSecrets ?? [])];
  if (all.length === 0) return 'not-needed';
  if (all.includes('')) return 'missing';
  return secretFaults.length > 0 ? 'faulty' : 'set';
}

/** As the gateway needs it, but for a secret in it. */
function urlOf({ name, settings, pathSecrets }: Source, { receiverUrl }: Pick<GatewayAccess, 'receiverUrl'>): string {
  const isOwn = settings.publicPath === undefined;
  const url = isOwn
    ? `${receiverUrl()}${sourcePath(name, pathSecrets === null ? undefined : '…')}`
    : (settings.publicUrl ?? '');
  return (pathSecrets ?? [])
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(encodeURIComponent(secret), '…').replaceAll(secret, '…'), url);
}
