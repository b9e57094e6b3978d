/** A webhook as it arrived. Nothing in it is to be believed before `verifyRequest` says so. */
export interface InboundRequest {
  method: string;
  /** Path and query as sent, `/in/stripe?x=1`, or a whole URL. */
  url: string;
  /** Names in lower case. A repeated header is a list, or one text joined with `, ` as Node does it. */
  headers: Record<string, string | string[]>;
  /** The bytes as they came; empty where there is no body. */
  body: Buffer;
}

/** A header's text, a repeated one joined with `, `. `name` is in lower case. */
export function headerText(request: InboundRequest, name: string): string | undefined {
  const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
  return Array.isArray(value) ? value.join(', ') : value;
}
