import type { InboundRequest } from '../../server/gateway/request-view.ts';
import type { Random } from '../chaos/random.ts';

/** How a request is written down. */
export interface Layout {
  /** Bodies in chunks of random sizes instead of with their length. */
  chunked?: boolean;
  /** Headers before those of the request. */
  headers?: string[];
  /** Whether the server is asked to close the connection afterwards. */
  last?: boolean;
}

/** The bytes of a request. Names and values are written as they are, so that a hostile one breaks what it breaks. */
export function requestBytes(
  { method, url, headers, body }: InboundRequest,
  layout: Layout,
  random: Pick<Random, 'between'>,
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  const all = [
    `${method} ${url} HTTP/1.1`,
    'host: kait.test',
    ...(layout.headers ?? []),
    ...lines,
    layout.chunked === true ? 'transfer-encoding: chunked' : `content-length: ${body.length}`,
    ...(layout.last === true ? ['connection: close'] : []),
    '\r\n',
  ];
  return Buffer.concat([
    Buffer.from(all.join('\r\n'), 'latin1'),
    layout.chunked === true ? inChunks(body, random) : body,
  ]);
}

function inChunks(body: Buffer, random: Pick<Random, 'between'>): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const part = body.subarray(at, at + random.between(1, 400));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    at += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
