import type { FoundById, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import { isObject, type Json } from '../../../language/json.ts';
import type { RequestView } from '../request-view.ts';
import { askGateway, partOf, unavailable, type AskDeps } from './ask-gateway.ts';
import type { ApiOptions } from './ask-schema.ts';
import type { AskSource } from './ask-source.ts';
import type { Question } from './compile-question.ts';
import { viewsAsking } from './imagined-webhook.ts';
import { type Listed, listPages } from './reconcile.ts';
import { storeFound, type FoundEvent, type StoreMissingDeps } from './store-missing.ts';

interface Asked {
  id: string;
  signal: AbortSignal;
  /** How far back a list is read. */
  lookBackMs: number;
}

/** A question about one thing, with the id in its place. */
interface Direct {
  question: Question;
  at: readonly string[];
  api: ApiOptions;
  view: RequestView;
}

/**
 * Asks the gateway about one event, payment or order that never arrived, and stores what it answers: see `GatewayClient.find`. It uses the
 * questions that the preset has anyway: the one that follows notices, the one about pending payments, or the list of events, which it reads until
 * the id turns up.
 */
export async function findById(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  asked: Asked,
): Promise<FoundById | Unanswered> {
  const { list } = source.ask;
  const direct = directQuestions(source, asked.id);
  if (direct.length > 0) return askDirectly(deps, source, direct, asked);
  if (list?.kind === 'list') return searchList(deps, source, list, asked);
  return { kind: 'unaskable', reason: whyNot(source) };
}

function whyNot({ preset, ask }: AskSource): string {
  const { title } = preset.declared;
  if (ask.fetch?.into === null || ask.list?.kind === 'open') return `${title} has nothing with an id of this form`;
  return `Kait has no question for ${title} that finds what did not arrive`;
}

function directQuestions(source: AskSource, id: string): Direct[] {
  const { fetch, list } = source.ask;
  const { fetch: declared, list: open } = source.preset.declared;
  if (fetch?.into === null && declared !== undefined) {
    return viewsAsking(source, declared.cases ?? [declared], id).flatMap((view) => {
      const chosen =
        declared.match === undefined || source.preset.fetch?.asksAbout(view) === true ? fetch.caseOf(view) : undefined;
      return chosen?.kind === 'ask' ? [{ ...chosen, api: fetch.api, view }] : [];
    });
  }
  if (list?.kind !== 'open' || open === undefined) return [];
  return viewsAsking(source, [open], id).map((view) => ({ ...list, view }));
}

async function askDirectly(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  questions: readonly Direct[],
  { signal }: Asked,
): Promise<FoundById | Unanswered> {
  let asked = 0;
  let refused: Unanswered | null = null;
  for (const { question, at, api, view } of questions) {
    const answer = await askGateway(deps, question, { source, api, view, signal });
    if (answer.kind === 'impossible') continue;
    if (answer.kind === 'refused') {
      refused ??= answer; // An id of another kind of thing may be malformed to this question.
      continue;
    }
    if (answer.kind !== 'answered' && answer.kind !== 'absent') return answer;
    asked += 1;
    const body = answer.kind === 'answered' ? partOf(answer.view.body().document, at) : undefined;
    if (body === undefined) continue;
    const events = await storeFound(deps, source, [{ body, headers: {} }], () => true);
    if (events.length > 0) return { kind: 'found', asked, events };
    return unavailable(`${question.request.target}: the preset cannot read the answer as an event`);
  }
  if (asked > 0) return { kind: 'absent', asked };
  return refused ?? { kind: 'unaskable', reason: whyNot(source) };
}

async function searchList(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  list: Listed,
  { id, signal, lookBackMs }: Asked,
): Promise<FoundById | Unanswered> {
  const events: FoundEvent[] = [];
  let asked = 0;
  const isIt = (event: CanonicalEvent, item: Json | undefined) => idsOf(event).includes(id) || isNamed(item, id);
  for await (const page of listPages(deps, { ...source, lookBackMs }, list, signal, (item) => isNamed(item, id))) {
    if (page.kind !== 'found') return page;
    asked += 1;
    // What GitHub calls a delivery has been asked for by its id, which the body does not have.
    const wanted = list.each === null ? isIt : () => true;
    events.push(...(await storeFound(deps, source, page.bodies, wanted)));
    if (events.length > 0) break;
  }
  return events.length > 0 ? { kind: 'found', asked, events } : { kind: 'absent', asked };
}

/** Everything by which people know an event. */
function idsOf({ id, entity, payment, refund, dispute, payout, subscription }: CanonicalEvent): unknown[] {
  return [
    ...[id, entity, payment?.id, payment?.orderId, refund?.id, dispute?.id],
    ...[payout?.id, payout?.reference, subscription?.id],
  ];
}

const idMembers = ['id', 'guid', 'uuid'];

/** Whether the gateway gives the item itself this id. A number is written as JSON has it. */
function isNamed(item: Json | undefined, id: string): boolean {
  if (!isObject(item)) return false;
  return idMembers.some((name) => {
    const own = Object.hasOwn(item, name) ? item[name] : undefined;
    return (typeof own === 'string' || typeof own === 'number') && String(own) === id;
  });
}
