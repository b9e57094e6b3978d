import type { Json } from '../../language/json.ts';
import { exceedsBounds } from './body-bounds.ts';
import { readBody, readForm, type BodyOptions, type ReadBody, type ReadForm } from './read-body.ts';

/** A webhook as received. Believe nothing in it before `verifyRequest` accepts it. */
export interface InboundRequest {
  method: string;
  /** Path and query as sent, `/in/stripe?x=1`, or a whole URL. */
  url: string;
  /** Names in lower case. A repeated header is a list, or one text joined with `, ` as Node does it. */
  headers: Record<string, string | string[]>;
  /** The bytes as received; empty if there is no body. */
  body: Buffer;
  /** The network from which it came: see `senderNetwork`. Default: unknown. */
  sender?: string;
}

/**
 * The parts of a request that selectors read. Each request has one view, from its verification to its acknowledgement, and its
 * body is parsed once, when it is first needed. The result of `body` is shared, so do not change it.
 */
export interface RequestView {
  request: InboundRequest;
  /** The fields of the body if it is a form. Cheaper than `body`: no value is decoded. */
  form(): ReadForm;
  body(): ReadBody;
  /** One event of a batch; otherwise the whole body. Undefined if it cannot be read. */
  item(): Json | undefined;
  /** The fields beside the signature in its header, such as the `t` of `t=1,v1=ab`. */
  signatureFields: ReadonlyMap<string, string> | null;
  /** The source's settings. */
  settings: Readonly<Record<string, string>>;
  /** RFC 3339. Null while the request is being verified. */
  receivedAt: string | null;
  /**
   * The same request for as long as nobody knows who has sent it: what would take long to read counts as unreadable, for the reason
   * `too-complex`. Both read the body once.
   */
  unverified(): RequestView;
}

/** `options` describe the preset's bodies. */
export function createRequestView(
  request: InboundRequest,
  options: BodyOptions,
  settings: Readonly<Record<string, string>> = {},
): RequestView {
  const contentType = headerText(request, 'content-type');
  let readFields: ReadForm | undefined;
  let parsed: ReadBody | undefined;
  let exceeds: boolean | undefined;
  const form = () => (readFields ??= readForm(request.body, contentType, options));
  const body = () => (parsed ??= readBody(request.body, contentType, options, form()));
  const isBounded = () => !(exceeds ??= exceedsBounds(request.body, contentType, options));
  const viewBy = (readers: Pick<RequestView, 'form' | 'body'>): RequestView => ({
    ...{ request, ...readers, signatureFields: null, settings, receivedAt: null },
    item: () => readers.body().document,
    unverified: () =>
      viewBy({
        form: () => (isBounded() ? form() : { fields: null, unreadable: 'too-complex' }),
        body: () => (isBounded() ? body() : { form: null, unreadable: 'too-complex' }),
      }),
  });
  return viewBy({ form, body });
}

/** The text of a header; a repeated one is joined with `, `. `name` is in lower case. */
export function headerText(request: InboundRequest, name: string): string | undefined {
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
  return Array.isArray(value) ? value.join(', ') : value;
}
