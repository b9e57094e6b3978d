import { presetsFolder } from '../../test/server/gateway/gateways.ts';
import { keyOf } from '../../test/server/gateway/conformance/sample-keys.ts';
import { type CompiledPreset, loadPresets } from '../../server/gateway/presets.ts';

/** A gateway that signs by one of the schemes, with a sample that no packaged definition handles. */
export interface SigningGateway {
  /** The name of both the preset and the source. */
  name: 'mollie' | 'stripe' | 'xendit' | 'wise' | 'plaid';
  scheme: string;
  sample: string;
  /** The part of the sample that its event id is made from. Each webhook gets its own number in its place. */
  numbered: string;
}

/** The others are compared with the first, whose body is about as long as theirs. `receiving` uses Stripe's. */
export const signingGateways: SigningGateway[] = [
  { name: 'mollie', scheme: 'HMAC-SHA256', sample: 'refund.refunded', numbered: 're_C0nt0hK0p1' },
  {
    name: 'stripe',
    scheme: 'HMAC-SHA256, long body',
    sample: 'payment_intent.payment_failed',
    numbered: '3Rk9ToKoKopi0002FaIlFaIl',
  },
  { name: 'xendit', scheme: 'token', sample: 'payment.failure', numbered: '000000000002' },
  { name: 'wise', scheme: 'RSA-SHA256', sample: 'transfers.bounced-back', numbered: '51234568' },
  {
    name: 'plaid',
    scheme: 'JWT, ES256',
    sample: 'PAYMENT_INITIATION.PAYMENT_STATUS_UPDATE.rejected',
    numbered: '5c7e9a2b4d60',
  },
];

/** The key that each gateway signs with and the one that its source verifies with, by the gateway's name. */
export type GatewayKeys = Record<SigningGateway['name'], { secret: string; verifier: string }>;

/** The samples' secrets, or a new key pair if only the gateway can sign. */
export async function makeGatewayKeys(): Promise<GatewayKeys> {
  const presets = await loadPresets(presetsFolder);
  const keys = signingGateways.map(({ name }) => [name, keyFor(presets.get(name)!)] as const);
  return Object.fromEntries(keys) as GatewayKeys; // The list has every name.
}

function keyFor({ declared: preset }: CompiledPreset): { secret: string; verifier: string } {
  const { any, all = [] } = preset.verify;
  return keyOf(any ?? all, preset.sampleSecret ?? '');
}
