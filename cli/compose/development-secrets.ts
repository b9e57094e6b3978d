import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import type { MountDeps } from '../../server/gateway/sources.ts';

export interface DevelopmentSecrets {
  /** The environment's value, else a generated one. */
  lookup: (name: string) => string;
  /** For mounting sources. API keys are only in the environment: with one that is made up, Kait would wait for a gateway's answer. */
  lookups: Pick<MountDeps, 'lookupSecret' | 'lookupApiKey'>;
  /** The variables that got a generated secret. */
  generated: () => string[];
  /** Writes the generated secrets into the data folder. */
  save(): Promise<void>;
}

/**
 * Lets `kait up` start without configuration. A secret that the environment lacks is generated and kept in the data folder, readable
 * by its owner only. Nobody else knows it, so only `kait send` gets through until the gateway's secret is set. A production server
 * never does this: it fails to start.
 *
 * @throws KaitError KAIT_CONFIG_INVALID if the kept file has been edited and is invalid.
 */
export async function openDevelopmentSecrets(
  home: string,
  lookupSecret: (name: string) => string | undefined,
): Promise<DevelopmentSecrets> {
  const file = join(home, 'secrets.json');
  const secrets = await readSecrets(file);
  const generated = new Set<string>();
  const configured = new Set<string>();
  const lookup = (name: string) => {
    const value = lookupSecret(name) ?? '';
    if (value !== '') configured.add(name);
    // A rotation has lost the secret: a generated one would reject the gateway's webhooks.
    if (value !== '' || configured.has(name)) return value;
    const secret = secrets.get(name) ?? randomBytes(24).toString('hex');
    secrets.set(name, secret);
    generated.add(name);
    return secret;
  };
  return {
    lookup,
    lookups: { lookupSecret: lookup, lookupApiKey: lookupSecret },
    generated: () => [...generated],
    async save() {
      await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(secrets), null, 2), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}

const keptSchema = z.record(z.string(), z.string());

async function readSecrets(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return new Map(Object.entries(keptSchema.parse(JSON.parse(text))));
  } catch {
    // Without the cause: a parser's message quotes the text, which holds secrets.
    const message = `Expected ${file} to be a JSON object of variable names and secrets. Correct it, or delete it to get new secrets.`;
    throw new KaitError('KAIT_CONFIG_INVALID', message);
  }
}
