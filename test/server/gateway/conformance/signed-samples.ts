import { compilePreset, type CompiledPreset } from '../../../../server/gateway/presets.ts';
import { type InboundRequest, createRequestView } from '../../../../server/gateway/request-view.ts';
import { findSample, listSamples } from '../../../../server/gateway/sample-files.ts';
import type { SchemeOptions } from '../../../../server/gateway/schemes/schemes.ts';
import { signRequest, type Sample } from '../../../../server/gateway/verify.ts';
import { type TestCredentials, nowMs, samplesFolder, shippedPresets, verifyInbound } from '../gateways.ts';
import { sampleKeys, type SampleKeys } from './sample-keys.ts';

/** A request to verify, and its source's credentials. */
export interface Attempt {
  request: InboundRequest;
  credentials: TestCredentials;
}

/** A sample as the gateway would send it, signed by one of the preset's schemes. */
export interface SignedSample extends Attempt {
  /** `stripe/charge.refunded`, with the scheme if the preset accepts several. */
  title: string;
  preset: CompiledPreset;
  /** The preset with only the schemes that have signed. */
  signer: CompiledPreset;
  schemes: SchemeOptions[];
  sample: Sample;
  keys: SampleKeys;
}

const signed: Promise<SignedSample[]>[] = [];

/** Every sample of every preset, once for each scheme that suffices. Signed once for all tests of a thread. */
export function signedSamples(): Promise<SignedSample[]> {
  const [samples = signAll()] = signed;
  signed[0] = samples;
  return samples;
}

async function signAll(): Promise<SignedSample[]> {
  const presets = await shippedPresets();
  const lists = await Promise.all(
    [...presets.values()].map(async (preset) => {
      const names = await listSamples(samplesFolder, preset.name);
      return Promise.all(names.map((name) => signedSamplesOf(preset, name)));
    }),
  );
  return lists.flat(2);
}

/** One sample of each preset and scheme, for tests that do not depend on the body. */
export function onePerScheme(samples: readonly SignedSample[]): SignedSample[] {
  return [...new Map(samples.map((each) => [JSON.stringify([each.preset.name, each.schemes]), each])).values()];
}

/** Whether the preset, with all of its schemes, accepts the attempt. */
export async function isAccepted(
  { preset }: SignedSample,
  { request, credentials }: Attempt,
  atMs: number | null = nowMs,
): Promise<boolean> {
  return (await verifyInbound(preset, request, credentials, atMs)).ok;
}

/** Signs bytes, which need not be text. */
export async function signBytes(sample: SignedSample, body: Buffer, atMs = nowMs): Promise<InboundRequest> {
  return signAgain(sample, { ...sample.request, headers: sample.sample.headers, body }, atMs);
}

/** Signs a request with the sample's key, in place of the signatures that it has. */
export async function signAgain(
  { signer, keys }: SignedSample,
  request: InboundRequest,
  atMs = nowMs,
): Promise<InboundRequest> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  let draft = { headers: Object.fromEntries(headers), body: request.body, itemPointer: '' };
  for (const scheme of signer.verify.schemes) {
    const view = createRequestView({ ...request, ...draft }, signer.body, keys.signing.settings);
    draft = await scheme.sign(draft, view, keys.signing, atMs);
  }
  return { ...request, headers: draft.headers, body: draft.body };
}

async function signedSamplesOf(preset: CompiledPreset, name: string): Promise<SignedSample[]> {
  const found = await findSample(samplesFolder, preset.name, name);
  const signers = signersOf(preset).filter(fitting(preset, found));
  return Promise.all(
    signers.map(async ({ signer, schemes, suffix }) => {
      const headers = headersFor(schemes, found.headers, preset.declared.verify.exclusive);
      const sample = { ...found, headers, url: `/in/${preset.name}${found.url}` };
      const keys = sampleKeys(preset, schemes, sample);
      const draft = await signRequest(signer, sample, keys.signing, nowMs);
      const request = { method: 'POST', url: sample.url, headers: draft.headers, body: draft.body };
      const title = `${preset.name}/${name}${signers.length === 1 ? '' : suffix}`;
      return { title, preset, signer, schemes, sample, keys, request, credentials: keys.credentials };
    }),
  );
}

/** A preset may sign forms in another way than JSON. */
function fitting(preset: CompiledPreset, { headers, body, url }: Sample) {
  const view = createRequestView({ method: 'POST', url, headers, body: Buffer.from(body) }, preset.body);
  return ({ signer }: { signer: CompiledPreset }) => signer.verify.schemes.every(({ fits }) => fits?.(view) ?? true);
}

/** A sample's headers, renamed to the group that the scheme's signature belongs to. Samples use the names of the first group. */
function headersFor(
  schemes: readonly SchemeOptions[],
  headers: Record<string, string>,
  [first = [], ...others]: readonly (readonly string[])[] = [],
): Record<string, string> {
  const used = others.find((group) =>
    schemes.some((each) => 'signature' in each && group.includes(each.signature.from)),
  );
  const names = new Map(first.map((name, index) => [name, used?.[index] ?? name]));
  const named = (name: string) => names.get(`header:${name}`)?.slice('header:'.length) ?? name;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [named(name), value]));
}

/** The preset split into presets with one way to sign each, since `signRequest` uses the first of several. */
function signersOf(preset: CompiledPreset): { signer: CompiledPreset; schemes: SchemeOptions[]; suffix: string }[] {
  const { any, all = [], requires } = preset.declared.verify;
  if (any === undefined) return [{ signer: preset, schemes: all, suffix: '' }];
  return any.map((scheme, index) => ({
    signer: compilePreset(preset.name, { ...preset.declared, verify: { any: [scheme], requires } }),
    schemes: [scheme],
    suffix: ` by its ${index + 1}. scheme, ${scheme.scheme}`,
  }));
}
