import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../../errors.ts';

export interface DevelopmentSecrets {
  /** The environment's value, else a generated one. */
  lookup: (name: string) => string;
  /** The variables for which a generated secret stands in. */
  generated: () => string[];
  /** Keeps what was generated. */
  save(): Promise<void>;
}

/**
 * Lets the embedded default start without configuration: a secret that the environment lacks becomes a random one, kept in
 * the data folder for its owner only. Nobody else knows it, so nothing but `kait send` passes until the gateway's own secret
 * is set. Production servers never do this: they refuse to start.
 *
 * @throws KaitError KAIT_CONFIG_INVALID where somebody has edited the kept file into something else.
 */
export async function openDevelopmentSecrets(
  home: string,
  lookupSecret: (name: string) => string | undefined,
): Promise<DevelopmentSecrets> {
  const file = join(home, 'secrets.json');
  const secrets = await readSecrets(file);
  const generated = new Set<string>();
  return {
    lookup(name) {
      const configured = lookupSecret(name);
      if (configured !== undefined && configured !== '') return configured;
      const secret = secrets.get(name) ?? randomBytes(24).toString('hex');
      secrets.set(name, secret);
      generated.add(name);
      return secret;
    },
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
    // Without the cause: a parser's message quotes what it read.
    const message = `${file} must hold secrets by the names of their variables. Correct it, or delete it for new ones.`;
    throw new KaitError('KAIT_CONFIG_INVALID', message);
  }
}
