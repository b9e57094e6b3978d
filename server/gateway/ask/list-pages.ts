import type { Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { Json } from '../../../language/json.ts';
import { partOf } from './answer-part.ts';
import { askGateway, type Asking, type Impossible } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import type { CompiledList } from './compile-ask.ts';
import type { GatewayClientDeps } from './gateway-client.ts';
import type { Found } from './reconcile-source.ts';
import type { FoundBody } from './store-missing.ts';
import { emptyView } from './stored-event.ts';

type Listed = Extract<CompiledList, { kind: 'list' }>;

/** With a hundred events on each: a source with more in the time that it looks back has to look back less far. */
const pageLimit = 500;

/** The pages of a list, from as far back as the source looks, one after the other. Ends with the first that fails. */
export async function* listPages(
  deps: GatewayClientDeps,
  source: AskSource,
  list: Listed,
  signal: AbortSignal,
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
      yield failureOf(answer);
      return;
    }
    const recent = items.filter((item) => (list.timeOf({ ...asking.view, item: () => item }) ?? Infinity) >= sinceMs);
    if (items.length > 0 && recent.length === 0) return; // Lists begin with the newest.
    const found = await bodiesOf(deps, list, recent, asking);
    yield found;
    if (found.kind !== 'found') return;
    asked.add(url);
    next = items.length === 0 ? undefined : list.next?.(url, { ...answer.view, item: () => items.at(-1) });
  } while (next !== undefined && !asked.has(next) && asked.size < pageLimit);
}

async function bodiesOf(
  deps: GatewayClientDeps,
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
    if (answer.kind === 'absent') continue; // Gone since the list was made.
    if (answer.kind !== 'answered') return failureOf(answer);
    bodies.push({ body: partOf(answer.view.body().document, each.at) ?? null, headers: own });
  }
  return { kind: 'found', bodies };
}

/** Where the list itself is absent, the preset is wrong about where it is. */
function failureOf(answer: { kind: 'answered' } | { kind: 'absent' } | Impossible | Unanswered): Unanswered {
  if (answer.kind === 'answered' || answer.kind === 'absent') {
    return { kind: 'refused', reason: 'The gateway has no list where the preset expects it' };
  }
  return answer.kind === 'impossible' ? { kind: 'refused', reason: answer.reason } : answer;
}
