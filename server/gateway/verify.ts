import type { CompiledPreset } from './compile-preset.ts';
import type { Credentials } from './credentials.ts';
import type { InboundRequest } from './inbound-request.ts';
import { createRequestView, type RequestView } from './request-view.ts';
import { accepted, refused, type Scheme, type Verdict } from './schemes/scheme.ts';

/**
 * Whether the request was signed by whoever has the credentials, over the bytes as they came, and recently where the preset
 * asks for that. Never rejects; whatever is missing or unknown refuses. `nowMs` null: freshness is not judged.
 */
export async function verifyRequest(
  preset: CompiledPreset,
  request: InboundRequest,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verdict> {
  const view = createRequestView(request, preset.body, credentials.settings);
  const { every, schemes, requires } = preset.verify;
  let verdict = refused('no-secret');
  for (const [index, scheme] of schemes.entries()) {
    const latest = await verifyBy(scheme, preset, view, credentials, nowMs);
    verdict = index === 0 ? latest : moreTelling(verdict, latest);
    if (latest.ok !== every) break;
  }
  return verdict.ok && requires.some((read) => (read(view) ?? '') === '') ? refused('incomplete') : verdict;
}

/** Of a batch whose events have signatures of their own, each must be right: one that is not refuses the whole request. */
async function verifyBy(
  scheme: Scheme,
  preset: CompiledPreset,
  view: RequestView,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verdict> {
  if (scheme.scope === 'request') return scheme.verify(view, credentials, nowMs);
  const { document } = view.body();
  const items = document === undefined ? undefined : preset.items(document);
  if (items === undefined) return refused('incomplete');
  for (const item of items) {
    const verdict = await scheme.verify({ ...view, item: () => item }, credentials, nowMs);
    if (!verdict.ok) return verdict;
  }
  return accepted;
}

/** Of two verdicts the acceptance, or the refusal by a scheme of which the request carried something. */
function moreTelling(former: Verdict, latter: Verdict): Verdict {
  if (latter.ok || former.ok) return latter;
  return former.reason.startsWith('missing-') ? latter : former;
}
