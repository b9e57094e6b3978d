import { headerText, type InboundRequest } from '../gateway/request-view.ts';

/**
 * The headers of a request that are stored with its events: those of `names`, in lower case, that came with it. A repeated
 * header is one text, joined with `, `. Null where there are none, which is most sources' case.
 */
export function keptHeaders(request: InboundRequest, names: readonly string[]): Record<string, string> | null {
  const kept = names.flatMap((name) => {
    const text = headerText(request, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
