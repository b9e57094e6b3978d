import { lstat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { readJsonFile } from '../json-files.ts';
import { readSecretBindings } from '../language/check/secrets-file.ts';
import { findingKinds } from '../language/codes.ts';
import type { Finding } from '../language/finding.ts';
import type { SecretBindings } from '../language/secret-bindings.ts';
import { activityFailure } from './failure-types.ts';

/** `bindings` is null if the file has a mistake, of which `problem` names the places and the kinds. Without the file, there are none. */
export type ReadSecrets = { bindings: SecretBindings; exists: boolean } | { bindings: null; problem: string };

/** Reads `secrets.json`, which need not exist. Never rejects. */
export async function readSecretsFile(file: string, parse = parseSecrets): Promise<ReadSecrets> {
  const isMissing = await lstat(file).then(() => false, isAbsent);
  if (isMissing) return { bindings: new Map(), exists: false };
  const { text, problem } = readJsonFile(file);
  return problem === null ? parse(file, text) : { bindings: null, problem: `${file}: ${problem}` };
}

function parseSecrets(file: string, text: string): ReadSecrets {
  const { bindings, findings } = readSecretBindings({ file, text });
  return bindings === null ? { bindings, problem: problemOf(findings) } : { bindings, exists: true };
}

/** Nothing of the text: who takes the file for the place of the secrets would find them in the log and the status. */
function problemOf(findings: readonly Finding[]): string {
  const places = findings.map(({ file, line, column, severity, code }) => {
    return `${file}:${line}:${column} ${severity} ${code}: ${findingKinds[code].title}.`;
  });
  return [...places, '"kait validate" shows the text.'].join('\n');
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Returns what `secrets.json` says at the moment: it is read anew whenever a secret is to be sent, so that a change takes effect at
 * once. While the file has a mistake, the last good version counts, and the log says so once. Without one, or if the file is gone,
 * `SecretsUnreadable` is thrown, which is retried: nothing is sent meanwhile.
 */
export function followSecretsFile(file: string, log: Pick<Logger, 'error'>): () => Promise<SecretBindings> {
  let last: SecretBindings | undefined;
  let reported = '';
  const parse = rememberingParse();
  const report = (problem: string) => {
    const meanwhile = last === undefined ? 'no secret is sent' : 'the last good version stays in use';
    if (problem !== reported) log.error({ problem }, `mistake in secrets.json, ${meanwhile}`);
    reported = problem;
  };
  return async () => {
    const read = await readSecretsFile(file, parse);
    if (read.bindings === null) {
      report(read.problem);
      if (last !== undefined) return last;
      throw activityFailure(
        'SecretsUnreadable',
        'definitions/secrets.json has a mistake. Run "kait validate" to see it',
      );
    }
    if (!read.exists && last !== undefined) {
      throw activityFailure('SecretsUnreadable', 'definitions/secrets.json is gone. Restore it, or restart the worker');
    }
    reported = '';
    if (read.exists) last = read.bindings;
    return read.bindings;
  };
}

/** Checking the text takes longer than reading it, and it rarely changes. */
function rememberingParse(): typeof parseSecrets {
  let before: { text: string; read: ReadSecrets } | undefined;
  return (file, text) => {
    if (before?.text !== text) before = { text, read: parseSecrets(file, text) };
    return before.read;
  };
}
