import type { Reconciled, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { Json } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { askGateway, partOf, unavailable, type AskDeps, type Asking, type Impossible } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import type { CompiledList } from './compile-ask.ts';
import type { Question } from './compile-question.ts';
import { storeMissing, type FoundBody, type StoreMissingDeps } from './store-missing.ts';
import { emptyView, storedView, type StoredRow } from './stored-event.ts';

export type Listed = Extract<CompiledList, { kind: 'list' }>;
type Open = Extract<CompiledList, { kind: 'open' }>;

/** The bodies in one answer, or why there are no more. */
type Found = { kind: 'found'; bodies: FoundBody[] } | Unanswered;

/** How long a webhook and its first redelivery may take before the event counts as missing. */
const settleMs = 2 * 60 * 1_000;

/** Stores the events of a source that did not arrive: see `GatewayClient.reconcile`. */
export async function reconcileSource(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  list: CompiledList,
  signal: AbortSignal,
): Promise<Reconciled | Unanswered> {
  // Pending payments are asked about at any age.
  const sinceMs = list.kind === 'list' ? deps.nowMs() - source.lookBackMs : 0;
  const total: Reconciled = { kind: 'reconciled', asked: 0, found: 0, missing: 0, stored: 0 };
  const answers = list.kind === 'list' ? listPages(deps, source, list, signal) : askOpen(deps, source, list, signal);
  let failure: Unanswered | null = null;
  for await (const answer of answers) {
    if (answer.kind !== 'found') {
      failure ??= answer;
      continue;
    }
    const stored = await storeMissing(deps, source, { bodies: answer.bodies, settleMs, sinceMs });
    if (list.kind === 'open' && answer.bodies.length > 0 && stored.found === 0) failure ??= unreadable(list.question);
    total.asked += 1;
    total.found += stored.found;
    total.missing += stored.missing;
    total.stored += stored.stored;
    if (stored.found > 0 && stored.old === stored.found) break; // Lists begin with the newest.
  }
  return failure ?? total;
}

function unreadable({ request: { target } }: Question): Unanswered {
  return unavailable(`${target}: the preset cannot read the answer as an event`);
}

/** At a hundred events a page. A source with more events than that must look back less far. */
const pageLimit = 500;

/** Yields the pages of a list one by one, back to the start of the look-back. Ends with the first page that fails. */
export async function* listPages(
  deps: AskDeps,
  source: AskSource,
  list: Listed,
  signal: AbortSignal,
  /** Of the items that cost a request each, only these. Default: all. */
  isWanted: (item: Json) => boolean = () => true,
): AsyncGenerator<Found> {
  const sinceMs = deps.nowMs() - source.lookBackMs;
  const asked = new Set<string>();
  let url = '';
  let next: string | undefined;
  do {
    const toUrl = (first: string) => (url = next ?? first);
    const asking = { source, api: list.api, view: emptyView(source), signal, sinceMs, toUrl };
    const answer = await askGateway(deps, list.question, asking);
    const items = answer.kind === 'answered' ? partOf(answer.view.body().document, list.items) : undefined;
    if (answer.kind !== 'answered' || !Array.isArray(items)) {
      yield failureOf(answer, list.question);
      return;
    }
    const recent = items.filter((item) => (list.timeOf({ ...asking.view, item: () => item }) ?? Infinity) >= sinceMs);
    if (items.length > 0 && recent.length === 0) return; // Lists begin with the newest.
    const found = await bodiesOf(deps, list, list.each === null ? recent : recent.filter(isWanted), asking);
    yield found;
    if (found.kind !== 'found') return;
    asked.add(url);
    next = items.length === 0 ? undefined : list.next?.(url, { ...answer.view, item: () => items.at(-1) });
  } while (next !== undefined && !asked.has(next) && asked.size < pageLimit);
}

async function bodiesOf(
  deps: AskDeps,
  { each, headers }: Listed,
  items: readonly Json[],
  asking: Asking,
): Promise<Found> {
  const bodies: FoundBody[] = [];
  for (const item of items) {
    const view = { ...asking.view, item: () => item };
    const own = Object.fromEntries(headers.map(({ name, text }) => [name, text.read(view)]));
    if (each === null) {
      bodies.push({ body: item, headers: own });
      continue;
    }
    const answer = await askGateway(deps, each.question, { ...asking, view, toUrl: (url) => url });
    if (answer.kind === 'absent') continue; // Deleted since the list was made.
    if (answer.kind !== 'answered') return failureOf(answer, each.question);
    bodies.push({ body: partOf(answer.view.body().document, each.at) ?? null, headers: own });
  }
  return { kind: 'found', bodies };
}

/** If the list itself is absent, the preset is wrong about its address. An answer without a list is an error of the gateway. */
function failureOf(
  answer: { kind: 'answered' } | { kind: 'absent' } | Impossible | Unanswered,
  { request: { target } }: Question,
): Unanswered {
  if (answer.kind === 'absent') return { kind: 'refused', reason: `${target}: the gateway has no such list` };
  if (answer.kind === 'answered') return unavailable(`${target}: the answer has no list where the preset expects it`);
  return answer.kind === 'impossible' ? { kind: 'refused', reason: answer.reason } : answer;
}

/** One payment may be beyond the gateway, several in a row mean that the gateway is down. */
const mostFailuresInRow = 3;

/**
 * What the gateway says now about each pending payment of the look-back. Passes over a question that fails, unless the gateway asks
 * Kait to wait or seems to be down.
 */
async function* askOpen(deps: AskDeps & StoreMissingDeps, source: AskSource, list: Open, signal: AbortSignal) {
  let failedInRow = 0;
  for (const row of await findOpen(deps.database, source, new Date(deps.nowMs() - source.lookBackMs))) {
    const view = storedView(source, row);
    const answer = await askGateway(deps, list.question, { source, api: list.api, view, signal });
    if (answer.kind === 'impossible') continue;
    if (answer.kind !== 'answered' && answer.kind !== 'absent') {
      yield answer;
      failedInRow += 1;
      if (failedInRow === mostFailuresInRow || mustWait(answer)) return;
      continue;
    }
    failedInRow = 0;
    const bodies = answer.kind === 'absent' ? [] : [partOf(answer.view.body().document, list.at) ?? null];
    yield { kind: 'found', bodies: bodies.map((body) => ({ body, headers: {} })) } satisfies Found;
  }
}

function mustWait(answer: Unanswered): boolean {
  return answer.kind === 'unavailable' && answer.retryAfter !== null;
}

/** Payments that one pass asks about, the oldest first. Each costs a request. */
const openLimit = 1_000;

const openSql = `
  select bytes, content_type, item, newest.received_at
  from (
    select distinct on (entity) entity, type, body_id, item, received_at
    from events
    where source = $1 and received_at >= $2 and entity is not null
    order by entity, id desc) as newest join bodies on bodies.id = body_id
  where type = 'payment.pending'
  order by newest.received_at
  limit ${openLimit}`;

interface OpenRow {
  bytes: Uint8Array;
  content_type: string;
  item: number;
  received_at: string | Date;
}

async function findOpen(database: Database, source: AskSource, since: Date): Promise<StoredRow[]> {
  const rows = await database.run<OpenRow>('reconcile-open', openSql, [source.name, since.toISOString()]);
  return rows.map(({ bytes: body, content_type: contentType, item, received_at: receivedAt }) => ({
    body,
    contentType,
    item,
    receivedAt: new Date(receivedAt),
  }));
}
