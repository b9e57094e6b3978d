import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { largeValueBytes } from '../language/large-value.ts';
import type { PayloadOwner, PayloadStore } from './payload-store.ts';

/** Marks a reference. The Web UI shows the reference itself, which is JSON. */
export const storedKey = 'kait-stored';

/** A run is started with its input, and with its state if it has continued as new. */
const mostPerList = 2;

/**
 * Keeps large values of runs in the database: their inputs, the states with which they continue as new, and their results. Every client
 * and worker of an installation needs it. A reference holds only in the history of the workflow for which Kait stored the value: nobody
 * can have another one read, and a copied reference leads nowhere. `lost` is told of a run whose value is gone.
 */
export function createClaimCheck(deps: {
  payloads: Pick<PayloadStore, 'put' | 'get'>;
  lost?: (workflowId: string, reason: string) => Promise<void>;
}): PayloadCodec {
  async function store(payload: Payload, owner: PayloadOwner): Promise<Payload> {
    const { metadata, data } = payload;
    if (data === null || data === undefined || data.length <= largeValueBytes || !isJson(payload)) return payload;
    const digest = await deps.payloads.put(owner, data);
    const reference = { storedByKait: { sha256: digest, bytes: data.length } };
    return {
      metadata: { ...metadata, [storedKey]: Buffer.from(digest) },
      data: Buffer.from(JSON.stringify(reference)),
    };
  }

  async function retrieve(payload: Payload, owner: PayloadOwner): Promise<Payload> {
    const { [storedKey]: stored, ...metadata } = payload.metadata ?? {};
    if (stored === undefined) return payload;
    const digest = digestIn(stored);
    const data = digest === null ? null : await deps.payloads.get(owner, digest);
    if (data !== null) return { metadata, data };
    const reason = `Kait's database has no value ${digest ?? 'with such a name'} for the run`;
    await deps.lost?.(owner.workflowId, reason);
    throw new Error(`${reason} ${owner.workflowId}`);
  }

  return {
    encode(payloads, context) {
      const owner = ownerOf(context);
      if (owner === null) return Promise.resolve(payloads);
      return Promise.all(payloads.map(async (payload) => store(payload, owner)));
    },
    decode(payloads, context) {
      const owner = ownerOf(context);
      if (owner === null) return Promise.resolve(payloads);
      return Promise.all(
        payloads.map(async (payload, index) => (index < mostPerList ? retrieve(payload, owner) : payload)),
      );
    },
  };
}

/** Null if Kait has not written it: it may have any bytes, which neither the database nor the reason of an end could take. */
function digestIn(stored: Uint8Array): string | null {
  const text = stored.length === 64 ? Buffer.from(stored).toString() : '';
  return /^[0-9a-f]{64}$/.test(text) ? text : null;
}

/** What activities take and give is bounded, and stays in the history. */
function ownerOf(context: SerializationContext | undefined): PayloadOwner | null {
  return context?.type === 'workflow' ? context : null;
}

function isJson({ metadata }: Payload): boolean {
  const encoding = metadata?.encoding;
  return encoding !== undefined && Buffer.from(encoding).toString() === 'json/plain';
}
