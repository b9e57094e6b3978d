import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../language/finding.ts';

/** A file with an activity that cannot be used. */
export interface FaultyActivity {
  /** Relative to the project: `activities/points.ts`. */
  file: string;
  /** The activity's own file, if it is another: `file` may be one that it imports. */
  source: string;
  text: string;
  findings: Finding[];
}

export interface FoundMistake {
  file: string;
  /** Default: the same. */
  source?: string;
  message: string;
  hint?: string;
  /** From 1. Default: 1. */
  line?: number;
  column?: number;
  length?: number;
}

/** A mistake with the text around it. */
export async function faultyActivity(project: string, mistake: FoundMistake): Promise<FaultyActivity> {
  const { file, line = 1, column = 1, length = 1, message, hint } = mistake;
  const text = await readFile(join(project, file), 'utf8').catch(() => '');
  const place = { file, line, column, length, pointer: '' };
  return {
    file,
    source: mistake.source ?? file,
    text,
    findings: [{ code: 'KAIT1701', severity: 'error', message, ...place, ...(hint !== undefined && { hint }) }],
  };
}
