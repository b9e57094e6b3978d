import type { CompiledPreset } from './compile-preset.ts';
import type { OutboundDraft } from './outbound-draft.ts';

/** A webhook to be signed: header names in lower case, the body's text. */
export interface Sample {
  headers: Record<string, string>;
  body: string;
}

/**
 * Signs a sample as the gateway would, the inverse of `verifyRequest`: with every scheme of a preset that wants all of them,
 * else with the first. Throws an `Error` where the sample lacks something that the signature covers.
 */
export function signRequest(preset: CompiledPreset, sample: Sample, secret: string, nowMs: number): OutboundDraft {
  const { every, schemes } = preset.verify;
  const draft: OutboundDraft = { headers: sample.headers, body: Buffer.from(sample.body) };
  return schemes.slice(0, every ? undefined : 1).reduce((signed, scheme) => scheme.sign(signed, secret, nowMs), draft);
}
