import type { CompiledPreset } from './compile-preset.ts';
import type { Credentials } from './credentials.ts';
import type { InboundRequest } from './inbound-request.ts';
import { createRequestView, type RequestView } from './request-view.ts';
import { rejected, verified, type Scheme, type Verification } from './schemes/scheme.ts';

/**
 * Whether the request was signed by whoever has the credentials, over the bytes as they came, and recently where the preset
 * asks for that. Never rejects; whatever is missing or unknown refuses. `nowMs` null: freshness is not judged.
 */
export async function verifyRequest(
  preset: CompiledPreset,
  request: InboundRequest,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verification> {
  const view = createRequestView(request, preset.body, credentials.settings);
  const { every, schemes, requires } = preset.verify;
  let verification = rejected('no-secret');
  for (const [index, scheme] of schemes.entries()) {
    const latest = await verifyBy(scheme, preset, view, credentials, nowMs);
    verification = index === 0 ? latest : moreTelling(verification, latest);
    if (latest.ok !== every) break;
  }
  return verification.ok && requires.some((read) => (read(view) ?? '') === '') ? rejected('incomplete') : verification;
}

/** Of a batch whose events have signatures of their own, each must be right: one that is not refuses the whole request. */
async function verifyBy(
  scheme: Scheme,
  preset: CompiledPreset,
  view: RequestView,
  credentials: Credentials,
  nowMs: number | null,
): Promise<Verification> {
  if (scheme.scope === 'request') return scheme.verify(view, credentials, nowMs);
  const { document } = view.body();
  const items = document === undefined ? undefined : preset.items(document);
  if (items === undefined) return rejected('incomplete');
  for (const item of items) {
    const verification = await scheme.verify({ ...view, item: () => item }, credentials, nowMs);
    if (!verification.ok) return verification;
  }
  return verified;
}

/** Of two verifications the acceptance, or the refusal by a scheme of which the request carried something. */
function moreTelling(former: Verification, latter: Verification): Verification {
  if (latter.ok || former.ok) return latter;
  return former.reason.startsWith('missing-') ? latter : former;
}
