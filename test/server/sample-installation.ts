import type { Installation } from '../../storage/installation.ts';

/** An installation with a key of zeros. */
export function sampleInstallation(id = 'kait-test'): Installation {
  return { id, sealKey: new Uint8Array(32) };
}
