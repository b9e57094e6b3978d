import { acceptedMutants, acceptedSecrets, thoroughly } from './mutations.ts';
import { coveredPieces, signaturePieces } from './pieces.ts';
import { onePerScheme, signedSamples } from './signed-samples.ts';

/*
 * `npm run test:conformance`: every position of the signature, of what it covers and of the secret, with every character, for one sample of each
 * preset and scheme. The suite tries only some of them. Fails if a preset accepts any.
 */

const signed = onePerScheme(await signedSamples()).filter(({ preset }) => preset.needs !== 'path-secret');
let misses = 0;
for (const sample of signed) {
  const pieces = [...signaturePieces(sample), ...coveredPieces(sample)];
  const accepted = [
    ...(await acceptedMutants(sample, pieces, thoroughly)),
    ...(await acceptedSecrets(sample, thoroughly)),
  ];
  misses += accepted.length;
  const characters = pieces.reduce((sum, { text }) => sum + text.length, 0);
  const lines = accepted.map((mutant) => `  accepted ${mutant}\n`);
  process.stdout.write(`${sample.title}: ${characters} characters, ${accepted.length} accepted\n${lines.join('')}`);
}
process.exitCode = misses === 0 ? 0 : 1;
