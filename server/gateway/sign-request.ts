import type { Json } from '../../language/json.ts';
import type { CompiledPreset } from './compile-preset.ts';
import type { OutboundDraft } from './outbound-draft.ts';
import { readBody } from './read-body.ts';
import { createRequestView } from './request-view.ts';
import type { SigningKey } from './schemes/scheme.ts';

/** A webhook to be signed: header names in lower case, the body's text, and the path and query of the address. */
export interface Sample {
  headers: Record<string, string>;
  body: string;
  url: string;
}

/**
 * Signs a sample as the gateway would, the inverse of `verifyRequest`: with every scheme of a preset that wants all of them,
 * else with the first. Rejects with an `Error` where the sample lacks something that the signature covers, and where only the
 * gateway can sign.
 */
export async function signRequest(
  preset: CompiledPreset,
  sample: Sample,
  key: SigningKey,
  nowMs: number,
): Promise<OutboundDraft> {
  const { every, schemes } = preset.verify;
  let draft: OutboundDraft = { headers: sample.headers, body: Buffer.from(sample.body), itemPointer: '' };
  for (const scheme of schemes.slice(0, every ? undefined : 1)) {
    for (const { pointer, item } of scheme.scope === 'item' ? itemsOf(preset, draft) : [whole]) {
      const request = { method: 'POST', url: sample.url, ...draft };
      const view = createRequestView(request, preset.body, key.settings);
      const own = item === undefined ? view : { ...view, item: () => item };
      draft = await scheme.sign({ ...draft, itemPointer: pointer }, own, key, nowMs);
    }
  }
  return draft;
}

const whole = { pointer: '', item: undefined };

function itemsOf(preset: CompiledPreset, { headers, body }: OutboundDraft): { pointer: string; item: Json }[] {
  const { document } = readBody(body, headers['content-type'], preset.body);
  const items = document === undefined ? undefined : preset.items(document);
  if (items === undefined) throw new Error('The sample has no events that could be signed.');
  return items.map((item, index) => ({ pointer: preset.itemPointer(index), item }));
}
