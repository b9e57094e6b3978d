import type { InboundRequest } from '../../server/gateway/request-view.ts';
import type { Random } from '../chaos/random.ts';
import type { Burdens } from './gather-burdens.ts';
import { requestBytes } from './http-text.ts';
import { damaged, hostileRequest, pick, randomBytes } from './noise.ts';

/** What is done with one connection. */
export interface Attack {
  kind: keyof typeof shares;
  /** Written one after the other. */
  chunks: Buffer[];
  /**
   * `wait` for the server to close; `end` the own side and then wait; `vanish` by a reset at once, so that nothing is known of
   * the answers.
   */
  ending: 'wait' | 'end' | 'vanish';
  requests: number;
  /** How many acknowledgements there must be. Null: as many as genuine requests may have survived; none where none is in it. */
  acknowledged: number | null;
}

/** Requests that a gateway would send, and forgeries that each differ in something a signature covers. */
export interface Material {
  genuine: InboundRequest[];
  forged: InboundRequest[];
  /** Genuine ones whose signature covers every byte of the body, so that damage shows. */
  sealed: InboundRequest[];
  burdens: Burdens;
}

/** Of about a thousand. */
const shares = {
  genuine: 150,
  chunked: 50,
  forged: 250,
  hostile: 250,
  damaged: 100,
  noise: 80,
  truncated: 50,
  pipelined: 50,
  vanishing: 15,
  stalling: 3,
  oversized: 2,
  heavy: 20,
  batch: 3,
  endless: 1,
  poison: 3,
};

/** An endless row of attacks. */
export function createAttacks({ genuine, forged, sealed, burdens }: Material, random: Random): () => Attack {
  const kinds = Object.entries(shares).flatMap(([kind, share]) =>
    Array<Attack['kind']>(share).fill(kind as Attack['kind']),
  );
  // Without what follows the name: a secret of the path would make anything genuine.
  const paths = [...new Set(genuine.map(({ url }) => url.split('/', 3).join('/').replace(/\?.*/, '')))];
  const written = (request: InboundRequest, chunked = false) => requestBytes(request, { chunked, last: true }, random);
  const one = (bytes: Buffer, ending: Attack['ending'], acknowledged: number | null) => ({
    ...{ chunks: pieces(bytes, random), ending, requests: 1, acknowledged },
  });
  const byKind: Record<Attack['kind'], () => Omit<Attack, 'kind'>> = {
    genuine: () => one(written(pick(random, genuine)), 'wait', 1),
    chunked: () => one(written(pick(random, genuine), true), 'wait', 1),
    forged: () => one(written(pick(random, forged), random.chance(0.2)), 'wait', 0),
    hostile: () => one(hostileRequest(random, paths), 'end', 0),
    damaged: () => one(damagedHead(pick(random, sealed), random), 'end', null),
    noise: () => one(randomBytes(random, 2_000), 'end', 0),
    truncated() {
      const bytes = written(pick(random, genuine), random.chance(0.3));
      return one(bytes.subarray(0, random.between(1, bytes.length - 1)), 'end', 0);
    },
    pipelined() {
      const requests = Array.from({ length: random.between(2, 5) }, () => pick(random, genuine));
      const bytes = requests.map((each, index) => requestBytes(each, { last: index === requests.length - 1 }, random));
      return { ...one(Buffer.concat(bytes), 'wait', requests.length), requests: requests.length };
    },
    vanishing: () => one(written(pick(random, genuine)), 'vanish', null),
    stalling() {
      const bytes = written(pick(random, genuine));
      return one(bytes.subarray(0, random.between(1, bytes.length - 1)), 'wait', 0);
    },
    oversized: () => one(oversized(pick(random, paths), random), 'wait', 0),
    heavy: () => one(written(heavy(pick(random, forged), burdens, random)), 'wait', 0),
    batch: () => one(written(pick(random, burdens.batches)), 'wait', 1),
    endless: () => one(written(pick(random, burdens.endless)), 'wait', 0),
    poison: () => one(written(pick(random, burdens.poison)), 'wait', 1),
  };
  return () => {
    const kind = pick(random, kinds);
    return { kind, ...byKind[kind]() };
  };
}

/** Damages only what precedes the body: a token or a form may tolerate changes in the body. */
function damagedHead(request: InboundRequest, random: Random): Buffer {
  const bytes = requestBytes(request, { last: true }, random);
  const end = bytes.length - request.body.length;
  return Buffer.concat([damaged(bytes.subarray(0, end), random), bytes.subarray(end)]);
}

/** A forgery whose body takes as much work as one can. */
function heavy(forged: InboundRequest, { bodies }: Burdens, random: Random): InboundRequest {
  const { contentType, body } = pick(random, bodies);
  const headers = random.chance(0.7) ? { ...forged.headers, 'content-type': contentType } : forged.headers;
  return { ...forged, headers, body };
}

function oversized(url: string, random: Random): Buffer {
  const body = Buffer.alloc(2 ** 20 + random.between(1, 100_000), 'x');
  return requestBytes({ method: 'POST', url, headers: {}, body }, { last: true, chunked: random.chance(0.3) }, random);
}

/** Mostly as one, sometimes in several pieces, which then come as packets of their own. */
function pieces(bytes: Buffer, random: Random): Buffer[] {
  if (random.chance(0.8)) return [bytes];
  const cuts = Array.from({ length: random.between(1, 5) }, () => random.between(0, bytes.length)).sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index]));
}
