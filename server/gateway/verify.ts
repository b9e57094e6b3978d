import type { CompiledPreset } from './compile-preset.ts';
import type { InboundRequest } from './inbound-request.ts';
import { createRequestView } from './request-view.ts';
import { accepted, refused, type Verdict } from './schemes/scheme.ts';

/**
 * Whether the gateway has sent the request: signed by any of the secrets, over the bytes as they came, and recently where
 * the preset asks for that. Never throws; whatever is missing or unknown refuses. `nowMs` null: freshness is not judged.
 */
export function verifyRequest(
  preset: CompiledPreset,
  request: InboundRequest,
  secrets: readonly string[],
  nowMs: number | null,
): Verdict {
  const view = createRequestView(request);
  const usable = secrets.filter((secret) => secret !== '');
  const { every, schemes } = preset.verify;
  if (schemes.length === 0) return refused('no-secret');
  let mostTelling: Verdict | undefined;
  for (const scheme of schemes) {
    const verdict = scheme.verify(view, usable, nowMs);
    if (verdict.ok !== every) return verdict;
    if (!verdict.ok) mostTelling = moreTelling(mostTelling, verdict);
  }
  return mostTelling ?? accepted;
}

/** Of two refusals, the one by a scheme of which the request carried something. */
function moreTelling(former: Verdict | undefined, latter: Verdict): Verdict {
  return former === undefined || (!former.ok && former.reason.startsWith('missing-')) ? latter : former;
}
