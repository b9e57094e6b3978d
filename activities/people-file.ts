import type { Logger } from 'pino';
import { lstat } from 'node:fs/promises';
import { readJsonFile } from '../json-files.ts';
import { type People, readPeople } from '../language/check/people-file.ts';
import { formatFindings } from '../language/finding.ts';

/** `people` is null if the file has a mistake. Without the file, there is nobody. */
export type ReadPeople = { people: People; problem: null } | { people: null; problem: string };

/** Reads `people.json`, which need not exist. Never rejects. */
export async function readPeopleFile(file: string): Promise<ReadPeople> {
  const isMissing = await lstat(file).then(
    () => false,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT',
  );
  if (isMissing) return { people: new Map(), problem: null };
  const read = readJsonFile(file);
  if (read.problem !== null) return { people: null, problem: `${file}: ${read.problem}` };
  const { people, findings } = readPeople({ file, text: read.text });
  return people === null
    ? { people, problem: formatFindings({ file, text: read.text, findings }) }
    : { people, problem: null };
}

/**
 * Returns whom `people.json` names at the moment. It is read anew for each question, so that a change takes effect at once. While the file has a
 * mistake, nobody has a role: the last good version may know somebody who was just removed. The log says so once.
 */
export function followPeopleFile(file: string, log: Pick<Logger, 'error'>): () => Promise<People> {
  let reported = '';
  return async () => {
    const { people, problem } = await readPeopleFile(file);
    if (problem !== null && problem !== reported) log.error({ problem }, 'mistake in people.json, nobody has a role');
    reported = problem ?? '';
    return people ?? new Map();
  };
}
