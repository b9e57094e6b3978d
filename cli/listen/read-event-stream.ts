/** One server-sent event. */
export interface ServerSentEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Longer lines are none of Kait's. */
const mostCharacters = 1024 * 1024;

/** Reads server-sent events (WHATWG, "Server-sent events") until the stream ends. What is cut off at its end is no event. */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > mostCharacters) throw new Error('What answers is no stream of events');
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) yield event;
    }
  }
}

function eventOf(block: string): ServerSentEvent | null {
  const fields = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    return [name, value] as const;
  });
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return null;
  const one = (wanted: string) => fields.find(([name]) => name === wanted)?.[1];
  return { id: one('id') ?? null, event: one('event') ?? 'message', data: data.join('\n') };
}
