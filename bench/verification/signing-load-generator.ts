import { presetsFolder, samplesFolder } from '../../test/server/gateway/gateways.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { signRequest } from '../../server/gateway/verify.ts';
import { runChildProgram } from '../child-program.ts';
import { sendAll, type LoadResult, type Webhook } from '../receiving/send-all.ts';
import { signingGateways, type GatewayKeys, type SigningGateway } from './signing-gateways.ts';

/** A burst of one gateway's webhooks. */
export interface SignedLoad {
  /** The receiver's URL. */
  url: string;
  gateway: SigningGateway['name'];
  connections: number;
  requests: number;
  /** The number of the first webhook, at least 1. No number is used twice with the same gateway. */
  firstNumber: number;
}

await runChildProgram(async (keys: GatewayKeys) => {
  const presets = await loadPresets(presetsFolder);
  const signers = new Map(
    await Promise.all(
      signingGateways.map(async ({ name, sample, numbered }) => {
        const { body, headers } = await findSample(samplesFolder, name, sample);
        const sign = (number: number): Promise<Webhook> => {
          const own = { headers, body: body.replaceAll(numbered, String(number)), url: `/in/${name}` };
          return signRequest(presets.get(name)!, own, { secret: keys[name].secret, settings: {} }, Date.now());
        };
        return [name, sign] as const;
      }),
    ),
  );
  return {
    ready: null,
    async answer({ url, gateway, connections, requests, firstNumber }: SignedLoad): Promise<LoadResult> {
      const webhooks: Webhook[] = [];
      for (let number = firstNumber; webhooks.length < requests; number++) {
        webhooks.push(await signers.get(gateway)!(number));
      }
      return sendAll({ url: `${url}/in/${gateway}`, connections, webhooks });
    },
    stop: () => Promise.resolve(),
  };
});
