import type { JsonObject } from '../../../../language/json.ts';
import { compareAnswer } from '../../../../server/gateway/ask/compare-answer.ts';
import { findUnclaimed } from '../../../../server/gateway/ask/compare-state.ts';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { isNotice, readWebhook } from '../../../../server/gateway/ask/read-webhook.ts';
import { storedView } from '../../../../server/gateway/ask/stored-event.ts';
import { compileFirstMatch } from '../../../../server/gateway/match.ts';
import type { ReadEvent } from '../../../../server/gateway/read-events.ts';
import { createRequestView, headerText, type InboundRequest } from '../../../../server/gateway/request-view.ts';
import { nowMs } from '../gateways.ts';
import { editsOf } from './edits.ts';
import { isAccepted, signAgain, type SignedSample } from './signed-samples.ts';
import { tellingAnswer } from './telling-answer.ts';

/** Gateways whose secret can be found out: it is the merchant's own account number. What they sign is as good as unsigned. */
const publicSecrets: readonly string[] = ['ipaymu'];

/**
 * The edits of a sample that make another event of it: verification accepts them, the id is new, and `confirm` does not stop them
 * although the gateway says what the sample says.
 */
export async function identityBreaches(sample: SignedSample): Promise<string[]> {
  const known = new Set(eventsOf(sample, sample.request).map(({ event }) => event.id));
  const isPublic = publicSecrets.includes(sample.preset.name);
  const breaches: string[] = [];
  for (const { name, request } of editsOf(sample)) {
    const renamed = eventsOf(sample, request).filter((read) => isBelieved(read) && !known.has(read.event.id));
    if (renamed.length === 0) continue;
    const sent = isPublic ? await signAgain(sample, request) : request;
    if (!(await isAccepted(sample, { request: sent, credentials: sample.credentials }))) continue;
    const passed = renamed.map((read) => passedBy(sample, request, read)).find((each) => each !== null);
    if (passed !== undefined) breaches.push(`${name}: another id, ${passed}`);
  }
  return breaches;
}

function eventsOf({ preset, credentials }: SignedSample, request: InboundRequest): ReadEvent[] {
  const view = createRequestView(request, preset.body, credentials.settings);
  return readWebhook(preset, 'shop', view, new Date(nowMs));
}

/** Whether definitions see the event. Unreadable ones and notices start nothing. */
function isBelieved({ event, unreadable }: ReadEvent): boolean {
  return unreadable === null && !isNotice(event);
}

/** Why nothing stops the event. Null: `confirm` does. */
function passedBy(sample: SignedSample, request: InboundRequest, { item }: ReadEvent): string | null {
  const { declared } = sample.preset;
  const { confirm } = compileAsk(declared);
  if (confirm === null) return 'and nothing is asked';
  const view = viewOf(sample, request, item);
  const asked = confirm.caseOf(view);
  if (asked === undefined) return null;
  if (asked.kind === 'skip') return 'and the question is skipped';
  if (findUnclaimed(asked.comparisons, view).length > 0) return null;
  // What the gateway knows is what the sample says, in whatever form this question asks for.
  const options = compileFirstMatch(declared.confirm!.cases)(view)!;
  const told = tellingAnswer(options, viewOf(sample, sample.request, item));
  const { differences, lacking } = compareAnswer(answerView(told), asked, view);
  if (lacking !== null || differences.length > 0) return null;
  return 'and the gateway confirms it';
}

function viewOf({ preset, credentials }: SignedSample, request: InboundRequest, item: number) {
  const row = { body: request.body, contentType: headerText(request, 'content-type') ?? '', item };
  return storedView({ preset, settings: credentials.settings }, { ...row, receivedAt: new Date(nowMs) });
}

function answerView(answer: JsonObject) {
  const request = { method: 'GET', url: '/', headers: {}, body: Buffer.from(JSON.stringify(answer)) };
  return createRequestView(request, { format: 'json', encoding: 'text' });
}
