import type { Json } from '../../language/json.ts';
import { headerText, type InboundRequest } from './inbound-request.ts';
import { readBody, type BodyOptions, type ReadBody } from './read-body.ts';

/** What places are looked up in: a request, whose body is parsed when the first place asks for it, and at most once. */
export interface RequestView {
  request: InboundRequest;
  body(): ReadBody;
  /** The event's part of a batch; otherwise the whole body. Undefined where that cannot be read. */
  item(): Json | undefined;
  /** The fields beside the signature in its header, such as the `t` of `t=1,v1=ab`. */
  signatureFields: ReadonlyMap<string, string> | null;
  /** Of the source. */
  settings: Readonly<Record<string, string>>;
  /** RFC 3339. Null while the request is being verified. */
  receivedAt: string | null;
}

/** `options` say how the preset's bodies are written. */
export function createRequestView(
  request: InboundRequest,
  options: BodyOptions,
  settings: Readonly<Record<string, string>> = {},
): RequestView {
  let parsed: ReadBody | undefined;
  const body = () => (parsed ??= readBody(request.body, headerText(request, 'content-type'), options));
  return { request, body, item: () => body().document, signatureFields: null, settings, receivedAt: null };
}
