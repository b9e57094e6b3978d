import { KaitError } from '../../errors.ts';
import type { SigningKey } from '../../server/gateway/schemes/scheme.ts';
import type { Source } from '../../server/gateway/sources.ts';

/** What the gateway would sign with. Throws KAIT_SAMPLE_UNSIGNABLE where the source has only what verifies. */
export function signingKeyOf({ name, preset, credentials, settings }: Source): SigningKey {
  if (preset.needs === 'path-secret') return { secret: '', settings };
  const [secret] = [...credentials.secrets, ...credentials.keyring.values()];
  if (secret !== undefined && preset.declared.sampleSecret !== null) return { secret, settings };
  const { title, setup } = preset.declared;
  const message = `Only ${title} can sign what comes in at "${name}": Kait has the key that verifies, not the one that signs. Let the gateway send a test: ${setup.where}.`;
  throw new KaitError('KAIT_SAMPLE_UNSIGNABLE', message);
}
