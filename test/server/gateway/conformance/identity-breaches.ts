import type { Json, JsonObject } from '../../../../language/json.ts';
import type { ConfirmCase } from '../../../../server/gateway/ask/ask-schema.ts';
import { askedSelectors } from '../../../../server/gateway/ask/ask-text.ts';
import { compareAnswer } from '../../../../server/gateway/ask/compare-answer.ts';
import { findUnclaimed } from '../../../../server/gateway/ask/compare-state.ts';
import { compileAsk, type CompiledCase } from '../../../../server/gateway/ask/compile-ask.ts';
import { isNotice, readWebhook } from '../../../../server/gateway/ask/read-webhook.ts';
import { storedView } from '../../../../server/gateway/ask/stored-event.ts';
import { compileFirstMatch } from '../../../../server/gateway/match.ts';
import type { ReadEvent } from '../../../../server/gateway/read-events.ts';
import {
  createRequestView,
  headerText,
  type InboundRequest,
  type RequestView,
} from '../../../../server/gateway/request-view.ts';
import { compileSelector, parseSelector } from '../../../../server/gateway/selector.ts';
import { nowMs } from '../gateways.ts';
import { editsOf } from './edits.ts';
import { isAccepted, signAgain, type SignedSample } from './signed-samples.ts';
import { asSent, tellingAnswer } from './telling-answer.ts';

/** Gateways whose secret can be found out: it is the merchant's own account number. What they sign is as good as unsigned. */
const publicSecrets: readonly string[] = ['ipaymu'];

/**
 * The edits of a sample that make another event of it: verification accepts them, the id is new, and `confirm` does not stop them
 * although the gateway says what the sample says.
 */
export async function identityBreaches(sample: SignedSample): Promise<string[]> {
  const known = new Set(eventsOf(sample, sample.request).map(({ event }) => event.id));
  const isPublic = publicSecrets.includes(sample.preset.name);
  const confirming = compileConfirming(sample);
  const breaches: string[] = [];
  for (const { name, request } of editsOf(sample)) {
    const renamed = eventsOf(sample, request).filter((read) => isBelieved(read) && !known.has(read.event.id));
    if (renamed.length === 0) continue;
    const sent = isPublic ? await signAgain(sample, request) : request;
    if (!(await isAccepted(sample, { request: sent, credentials: sample.credentials }))) continue;
    const passed = renamed.map((read) => passedBy(sample, confirming, request, read)).find((each) => each !== null);
    if (passed !== undefined) breaches.push(`${name}: another id, ${passed}`);
  }
  return breaches;
}

function eventsOf({ preset, credentials }: SignedSample, request: InboundRequest): ReadEvent[] {
  const view = createRequestView(request, preset.body, credentials.settings);
  return readWebhook({ preset, name: 'shop', completes: false, test: true }, view, new Date(nowMs));
}

/** Whether definitions see the event. Unreadable ones and notices start nothing. */
function isBelieved({ event, unreadable }: ReadEvent): boolean {
  return unreadable === null && !isNotice(event);
}

interface Confirming {
  caseOf: (view: RequestView) => CompiledCase | undefined;
  optionsOf: (view: RequestView) => ConfirmCase | undefined;
}

/** Null: the gateway cannot be asked. */
function compileConfirming({ preset: { declared } }: SignedSample): Confirming | null {
  const { confirm } = compileAsk(declared);
  return confirm && { caseOf: confirm.caseOf, optionsOf: compileFirstMatch(declared.confirm?.cases ?? []) };
}

/** Why nothing stops the event. Null: `confirm` does. */
function passedBy(
  sample: SignedSample,
  confirming: Confirming | null,
  request: InboundRequest,
  { item, event }: ReadEvent,
): string | null {
  if (confirming === null) return 'and nothing is asked';
  const view = viewOf(sample, request, item);
  const asked = confirming.caseOf(view);
  if (asked === undefined) return null;
  if (asked.kind === 'skip') return 'and the question is skipped';
  if (findUnclaimed(asked.comparisons, view).length > 0) return null;
  // What the gateway knows is what the sample says, in whatever form this question asks for.
  const options = confirming.optionsOf(view)!;
  const told = tellingAnswer(options, viewOf(sample, sample.request, item));
  const { differences, lacking } = compareAnswer(answerView(asSent(told, options)), asked, view);
  if (lacking !== null || differences.length > 0) return null;
  if (isEarlierType(event.type, sample) && isEarlierState(options, view, told)) return null;
  return 'and the gateway confirms it';
}

/** A payment that is paid was pending before, and one that is refunded was paid. */
function isEarlierType(type: string, sample: SignedSample): boolean {
  const taken = eventsOf(sample, sample.request).some(({ event }) =>
    ['payment.refunded', 'payment.disputed'].includes(event.type),
  );
  return type.endsWith('.pending') || (type === 'payment.succeeded' && taken);
}

/** To say an earlier state is true, and the event has the id that the genuine event of that time has. */
function isEarlierState({ same = [] }: ConfirmCase, view: RequestView, told: JsonObject): boolean {
  const answer = JSON.stringify(told);
  return same.some(({ claimed, values }) => {
    const text = compileSelector(parseSelector(claimed, askedSelectors))(view);
    const later = text === undefined ? [] : (values[text] ?? []).filter((each) => each !== text);
    return later.some((each) => answer.includes(JSON.stringify(each)));
  });
}

function viewOf({ preset, credentials }: SignedSample, request: InboundRequest, item: number) {
  const row = { body: request.body, contentType: headerText(request, 'content-type') ?? '', item };
  return storedView({ preset, settings: credentials.settings }, { ...row, receivedAt: new Date(nowMs) });
}

function answerView(answer: Json) {
  const request = { method: 'GET', url: '/', headers: {}, body: Buffer.from(JSON.stringify(answer)) };
  return createRequestView(request, { format: 'json', encoding: 'text' });
}
