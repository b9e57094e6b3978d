import { cutText } from '../../language/well-formed.ts';
import { randomBytes } from 'node:crypto';
import { KaitError } from '../../errors.ts';
import { parseAlternative } from '../../server/gateway/event-value.ts';
import { writeAt, type OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import { compileSelector } from '../../server/gateway/selector.ts';
import type { Json } from '../../language/json.ts';
import { parsePointer, valueAt } from '../../server/gateway/json-pointer.ts';
import type { BodyOptions } from '../../server/gateway/read-body.ts';
import { createRequestView, type RequestView } from '../../server/gateway/request-view.ts';
import { readWebhook } from '../../server/gateway/ask/read-webhook.ts';
import { findSample, listSamples } from '../../server/gateway/sample-files.ts';
import { signRequest, type Sample } from '../../server/gateway/verify.ts';
import type { Source } from '../../server/gateway/sources.ts';
import { signingKeyOf } from '../samples.ts';

export interface SourceTest {
  url: string;
  sample: string;
  /** The answer's status. Null if there was no answer. */
  status: number | null;
  /** The answer's body, or why there was no answer. */
  answer: string;
}

/** The native type of test webhooks. No definition reacts to it. */
const testType = 'kait.test';

/**
 * Sends a signed sample to the URL that the gateway uses. It gets a new id and a type that no definition reacts to, so it is verified
 * and stored like any other webhook, and nothing else happens. Throws KAIT_SAMPLE_UNSIGNABLE if only the gateway can sign, and
 * KAIT_SAMPLE_UNKNOWN.
 */
export async function testSource(
  source: Source,
  deps: { samplesFolders: readonly string[]; url: string; sample?: string | undefined; nowMs: number },
): Promise<SourceTest> {
  const { preset } = source;
  const key = signingKeyOf(source);
  const names = deps.sample === undefined ? await listSamples(deps.samplesFolders, preset.name) : [deps.sample];
  const { name, sample } = await firstHarmless(source, deps.samplesFolders, names);
  const target = new URL(`${deps.url}${sample.url}`);
  const signed = await signRequest(preset, { ...sample, url: `${target.pathname}${target.search}` }, key, deps.nowMs);
  return { url: deps.url, sample: name, ...(await post(target, signed)) };
}

async function firstHarmless(
  source: Source,
  folders: readonly string[],
  names: readonly string[],
): Promise<{ name: string; sample: Sample }> {
  const { preset } = source;
  for (const name of names) {
    const sample = harmless(await findSample(folders, preset.name, name), source);
    if (sample !== null) return { name, sample };
  }
  const message = `The samples of ${preset.declared.title} cannot be made harmless. Send one as it is: kait send ${preset.name} …`;
  throw new KaitError('KAIT_SAMPLE_UNSIGNABLE', message);
}

async function post(target: URL, { headers, body }: OutboundDraft): Promise<Pick<SourceTest, 'status' | 'answer'>> {
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, answer: cutText(await response.text(), 500) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { status: null, answer: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** The sample with a type that nothing reacts to, and a new id. Null if it would start runs. */
function harmless(sample: Sample, source: Source): Sample | null {
  const { preset } = source;
  const { type, id } = preset.declared.event;
  const draft = { headers: sample.headers, body: Buffer.from(sample.body), itemPointer: preset.itemPointer(0) };
  const renamed = replaceFirst(draft, type, testType, { sample, source }) ?? draft;
  const typed = withoutCanonicalType(renamed, { sample, source });
  if (typed === null) return null;
  const newId = `kait-test-${randomBytes(6).toString('hex')}`;
  const { headers, body } = replaceFirst(typed, [id], newId, { sample, source }) ?? typed;
  return { ...sample, headers, body: body.toString('utf8') };
}

interface Sent {
  sample: Sample;
  source: Source;
}

/** Some gateways have no field for the type, so that other fields tell it: a status. Null if one of them cannot be written. */
function withoutCanonicalType(draft: OutboundDraft, sent: Sent): OutboundDraft | null {
  const { preset } = sent.source;
  const plain = { ...sent.source, completes: false };
  const telling = (preset.declared.types ?? []).flatMap(({ type, match }) => (type === null ? [] : Object.keys(match)));
  const events = (changed: OutboundDraft) => readWebhook(plain, requestOf(changed, sent), new Date(0));
  const isHarmless = (changed: OutboundDraft) => events(changed).every(({ event }) => event.type.includes(':'));
  let changed = draft;
  for (const { item } of events(draft)) {
    const at = { ...changed, itemPointer: preset.itemPointer(item) };
    changed = { ...withoutTexts(at, telling, sent, isHarmless), itemPointer: draft.itemPointer };
  }
  return isHarmless(changed) ? changed : null;
}

function withoutTexts(
  draft: OutboundDraft,
  selectors: readonly string[],
  sent: Sent,
  isDone: (changed: OutboundDraft) => boolean,
): OutboundDraft {
  return [...new Set(selectors)].reduce(
    (changed, selector) => (isDone(changed) ? changed : (replaceFirst(changed, [selector], testType, sent) ?? changed)),
    draft,
  );
}

/** Writes the first selector of the first alternative that the draft has. Null if it cannot be written. */
function replaceFirst(
  from: OutboundDraft,
  alternatives: readonly string[],
  text: string,
  sent: Sent,
): OutboundDraft | null {
  const { preset } = sent.source;
  const whole = requestOf(from, sent);
  const { document, form } = whole.body();
  const items = document === undefined ? [] : (preset.items(document) ?? []);
  const item = items.find((_item, index) => preset.itemPointer(index) === from.itemPointer);
  const view = { ...whole, item: () => item };
  const found = alternatives
    .map((each) => parseAlternative(each))
    .find((selectors) => selectors.every((selector) => (compileSelector(selector)(view) ?? '') !== ''));
  const [selector] = found ?? [];
  if (selector === undefined) return null;
  const { kind, name } = selector;
  if (kind === 'header' || kind === 'form') return writeAt(from, `${kind}:${name}`, text);
  if (kind !== 'json' && kind !== 'item') return null;
  if (form === null) return writeAt(from, `${kind}:${name}`, text);
  return writeInForm(from, form, preset.declared.body, { kind, name, text });
}

/** Null if the field of the event holds no plain JSON. */
function writeInForm(
  from: OutboundDraft,
  form: Json,
  { field, format, encoding }: BodyOptions,
  { kind, name, text }: { kind: 'json' | 'item'; name: string; text: string },
): OutboundDraft | null {
  if (field === undefined) return writeAt(from, `form:${parsePointer(name).join('/')}`, text);
  const event = valueAt(form, [field]);
  if (typeof event !== 'string' || format !== 'json' || encoding !== 'text') return null;
  const { body } = writeAt({ ...from, body: Buffer.from(event) }, `${kind}:${name}`, text);
  return writeAt(from, `form:${field}`, body.toString('utf8'));
}

function requestOf(draft: OutboundDraft, { sample, source }: Sent): RequestView {
  return createRequestView({ method: 'POST', url: sample.url, ...draft }, source.preset.body, source.settings);
}
