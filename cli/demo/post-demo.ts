import type { DemoRequest, DemoRequests } from './demo-requests.ts';

/** HTTP statuses by what was posted. */
export interface DemoAnswers {
  /** Five copies in parallel. */
  stripe: number[];
  forged: number;
  midtrans: number;
  xendit: number;
}

/** Posts everything at once, the Stripe event five times. */
export async function postDemo(receiverUrl: string, requests: DemoRequests): Promise<DemoAnswers> {
  const post = async ({ source, headers, body }: DemoRequest) => {
    const init = { method: 'POST', headers, body: new Uint8Array(body), signal: AbortSignal.timeout(15_000) };
    const response = await fetch(`${receiverUrl}/in/${source}`, init);
    await response.arrayBuffer();
    return response.status;
  };
  const [stripe, forged, midtrans, xendit] = await Promise.all([
    Promise.all(Array.from({ length: 5 }, () => post(requests.stripe))),
    post(requests.forged),
    post(requests.midtrans),
    post(requests.xendit),
  ]);
  return { stripe, forged, midtrans, xendit };
}
