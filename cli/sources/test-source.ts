import { randomBytes } from 'node:crypto';
import { KaitError } from '../../errors.ts';
import { parseAlternative } from '../../server/gateway/event-value.ts';
import { writeAt, type OutboundDraft } from '../../server/gateway/outbound-draft.ts';
import { compileSelector, type Selector } from '../../server/gateway/selector.ts';
import { createRequestView } from '../../server/gateway/request-view.ts';
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
  deps: { samplesFolder: string; url: string; sample?: string | undefined; nowMs: number },
): Promise<SourceTest> {
  const { preset } = source;
  const key = signingKeyOf(source);
  const [first = ''] = await listSamples(deps.samplesFolder, preset.name);
  const name = deps.sample ?? first;
  const sample = harmless(await findSample(deps.samplesFolder, preset.name, name), source);
  const target = new URL(`${deps.url}${sample.url}`);
  const signed = await signRequest(preset, { ...sample, url: `${target.pathname}${target.search}` }, key, deps.nowMs);
  return { url: deps.url, sample: name, ...(await post(target, signed)) };
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
    return { status: response.status, answer: (await response.text()).slice(0, 500) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { status: null, answer: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** The sample with a type that nothing reacts to, and a new id. */
function harmless(sample: Sample, { preset, settings }: Source): Sample {
  const draft = { headers: sample.headers, body: Buffer.from(sample.body), itemPointer: preset.itemPointer(0) };
  const { type, id } = preset.declared.event;
  const typed = replaceFirst(draft, type, testType);
  if (typed === null) {
    const message = `The samples of ${preset.declared.title} cannot be made harmless. Send one as it is: kait send ${preset.name} …`;
    throw new KaitError('KAIT_SAMPLE_UNSIGNABLE', message);
  }
  const { headers, body } = replaceFirst(typed, [id].flat(), `kait-test-${randomBytes(6).toString('hex')}`) ?? typed;
  return { ...sample, headers, body: body.toString('utf8') };

  /** Writes the first selector of the first alternative that the draft has. Null if it cannot be written. */
  function replaceFirst(from: OutboundDraft, alternatives: readonly string[], text: string): OutboundDraft | null {
    const request = { method: 'POST', url: sample.url, ...from };
    const whole = createRequestView(request, preset.body, settings);
    const document = whole.body().document;
    const item = document === undefined ? undefined : preset.items(document)?.[0];
    const view = { ...whole, item: () => item };
    const parsed = alternatives.map((each) => ({
      first: each.split(' + ')[0] ?? '',
      selectors: parseAlternative(each),
    }));
    const found = parsed.find(({ selectors }) =>
      selectors.every((selector) => (compileSelector(selector)(view) ?? '') !== ''),
    );
    const [selector] = found?.selectors ?? [];
    if (
      found === undefined ||
      selector === undefined ||
      !isWritable(selector, preset.declared.body.field !== undefined)
    )
      return null;
    return writeAt(from, found.first.split(' | ')[0] ?? '', text);
  }
}

function isWritable({ kind }: Selector, inField: boolean): boolean {
  return kind === 'header' || kind === 'form' || (!inField && (kind === 'json' || kind === 'item'));
}
