import type { Json } from '../../language/json.ts';
import type { OutboundDraft } from './outbound-draft.ts';
import type { CompiledPreset } from './presets.ts';
import { createRequestView, type RequestView } from './request-view.ts';
import type { ReadText } from './selector.ts';
import {
  rejected,
  verified,
  type Credentials,
  type Scheme,
  type SigningKey,
  type Verification,
} from './schemes/scheme.ts';

/**
 * Whether the request was signed by the owner of the credentials, over the bytes as received, and recently if the preset checks
 * that. Anything missing or unknown rejects the request. Never throws. `nowMs` null: the age is not checked.
 */
export async function verifyRequest(
  preset: CompiledPreset,
  request: RequestView,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verification> {
  const view = request.unverified();
  const { every, schemes, requires, exclusive, readsBody } = preset.verify;
  if (mixes(exclusive, view)) return rejected('ambiguous');
  if (readsBody) {
    const { unreadable } = view.form();
    if (unreadable === 'too-complex') return rejected('too-complex');
    if (unreadable?.startsWith('doubled-field: ') === true) return rejected('ambiguous');
  }
  let verification = rejected('no-secret');
  for (const [index, scheme] of schemes.entries()) {
    const latest = await verifyBy(scheme, preset, view, credentials, nowMs);
    verification = index === 0 ? latest : moreTelling(verification, latest);
    if (latest.ok !== every) break;
  }
  const lacksText = verification.ok && requires.some((read) => (read(view) ?? '') === '');
  return readably(view, lacksText ? rejected('incomplete') : verification);
}

/** Says why a text is missing if the whole body could not be decoded. */
function readably(view: RequestView, verification: Verification): Verification {
  if (verification.ok || verification.reason !== 'incomplete') return verification;
  return view.form().unreadable?.startsWith('unknown-charset: ') === true ? rejected('unknown-charset') : verification;
}

/** Whether the groups differ in their texts. One group is signed, and an event might be read from another. */
function mixes(groups: readonly (readonly ReadText[])[], view: RequestView): boolean {
  const texts = groups.map((group) => group.map((read) => read(view) ?? ''));
  const present = texts.filter((group) => group.some((text) => text !== ''));
  return present.some((group) => group.join('\n') !== present[0]?.join('\n'));
}

/** If the events of a batch are signed one by one, a single wrong signature rejects the whole request. */
async function verifyBy(
  scheme: Scheme,
  preset: CompiledPreset,
  view: RequestView,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verification> {
  if (scheme.scope === 'request') return scheme.verify(view, credentials, nowMs);
  const items = itemsOf(preset, view);
  if (items === undefined) return rejected('incomplete');
  for (const item of items) {
    const verification = await scheme.verify({ ...view, item: () => item }, credentials, nowMs);
    if (!verification.ok) return verification;
  }
  return verified;
}

/** Prefers the rejection by a scheme whose signature the request contains. */
function moreTelling(former: Verification, latter: Verification): Verification {
  if (latter.ok || former.ok) return latter;
  return former.reason.startsWith('missing-') ? latter : former;
}

/** An unsigned webhook: header names in lower case, the body's text, and the path and query of the address. */
export interface Sample {
  headers: Record<string, string>;
  body: string;
  url: string;
}

/**
 * Signs a sample as the gateway would: with every scheme if the preset wants all of them, otherwise with the first that fits. Rejects
 * with an `Error` if the sample lacks something that the signature covers, or if only the gateway can sign.
 */
export async function signRequest(
  preset: CompiledPreset,
  sample: Omit<Sample, 'body'> & { body: string | Buffer },
  key: SigningKey,
  nowMs: number,
): Promise<OutboundDraft> {
  const { every, schemes } = preset.verify;
  const given = typeof sample.body === 'string' ? Buffer.from(sample.body) : sample.body;
  let draft: OutboundDraft = { headers: sample.headers, body: given, itemPointer: '' };
  const viewOf = (of: OutboundDraft) =>
    createRequestView({ method: 'POST', url: sample.url, ...of }, preset.body, key.settings);
  const fitting = schemes.filter(({ fits }) => fits === undefined || fits(viewOf(draft)));
  for (const scheme of every ? schemes : fitting.slice(0, 1)) {
    if (scheme.scope === 'request') {
      draft = await scheme.sign({ ...draft, itemPointer: '' }, viewOf(draft), key, nowMs);
      continue;
    }
    const items = itemsOf(preset, viewOf(draft));
    if (items === undefined) throw new Error('The sample has no events to sign.');
    for (const [index, item] of items.entries()) {
      const view = { ...viewOf(draft), item: () => item };
      draft = await scheme.sign({ ...draft, itemPointer: preset.itemPointer(index) }, view, key, nowMs);
    }
  }
  return draft;
}

function itemsOf(preset: CompiledPreset, view: RequestView): Json[] | undefined {
  const { document } = view.body();
  return document === undefined ? undefined : preset.items(document);
}
