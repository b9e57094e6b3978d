import type { InboundRequest } from '../../server/gateway/request-view.ts';
import { mutationsOf } from '../server/gateway/conformance/mutations.ts';
import { coveredPieces, selectorsOf, signaturePieces, templatesOf } from '../server/gateway/conformance/pieces.ts';
import { onePerScheme, signedSamples, type SignedSample } from '../server/gateway/conformance/signed-samples.ts';
import type { Material } from './attacks.ts';
import { gatherBurdens } from './gather-burdens.ts';
import type { FuzzedSource } from './receiver-program.ts';

const pathSecret = 'secret-of-the-path';
/** Positions tried in each piece that a signature covers. */
const positions = 6;

/** One source for every shipped preset, and what is sent to them: by each preset's first scheme, since a source has one set of keys. */
export async function gatherMaterial(): Promise<Material & { sources: FuzzedSource[] }> {
  const samples = firstOfEach(await signedSamples());
  const material = samples.map((sample) => ({ sample, request: addressed(sample, sample.request) }));
  return {
    sources: firstPerPreset(samples).map(sourceOf),
    genuine: material.map(({ request }) => request),
    sealed: material.filter(({ sample }) => sealsBody(sample)).map(({ request }) => request),
    forged: onePerScheme(samples).flatMap(forgeriesOf),
    burdens: await gatherBurdens(samples),
  };
}

function firstOfEach(samples: SignedSample[]): SignedSample[] {
  const schemes = new Map(
    samples.map((sample) => [sample.preset.name, JSON.stringify(sample.schemes)]).reverse() as [string, string][],
  );
  return samples.filter((sample) => schemes.get(sample.preset.name) === JSON.stringify(sample.schemes));
}

function firstPerPreset(samples: SignedSample[]): SignedSample[] {
  return [...new Map(samples.map((sample) => [sample.preset.name, sample])).values()];
}

function sourceOf({ preset, credentials }: SignedSample): FuzzedSource {
  const { secrets, settings, keyring } = credentials;
  return {
    gateway: preset.name,
    settings,
    credentials: { secrets, keyring: [...keyring] },
    pathSecrets: preset.needs === 'path-secret' ? [pathSecret] : null,
  };
}

/** With the secret in the URL where nothing else proves the sender. */
function addressed({ preset }: SignedSample, request: InboundRequest): InboundRequest {
  if (preset.needs !== 'path-secret') return request;
  return { ...request, url: request.url.replace(/^[^?]*/, (path) => `${path}/${pathSecret}`) };
}

function forgeriesOf(sample: SignedSample): InboundRequest[] {
  if (sample.preset.needs === 'path-secret') return [sample.request];
  return [...signaturePieces(sample), ...coveredPieces(sample)]
    .filter(({ name }) => !name.startsWith('cfg:'))
    .flatMap((piece) => mutationsOf(piece, { positions, characters: 'one' }).map((text) => piece.with(text).request));
}

function sealsBody({ schemes }: SignedSample): boolean {
  return schemes
    .flatMap(templatesOf)
    .flatMap(selectorsOf)
    .some((place) => /^body\b/.test(place));
}
