import { existsSync } from 'node:fs';
import { readJsonFile } from '../json-files.ts';
import { readSettingsFile } from '../language/check/settings-file.ts';
import { type Finding, formatFindings } from '../language/finding.ts';
import { type DeclaredSettings, type ProjectSettings, settingsIn } from '../language/project-settings.ts';

/** A `settings.json`, checked. `declared` is null if it has a mistake. */
export interface CheckedSettings {
  file: string;
  text: string;
  findings: Finding[];
  declared: DeclaredSettings | null;
}

/** Never throws. */
export function checkSettingsFile(path: string): CheckedSettings {
  const { file, text, problem } = readJsonFile(path);
  if (problem === null) return { file, text, ...readSettingsFile({ file, text }) };
  const finding: Finding = {
    ...{ code: 'KAIT1005', severity: 'error', message: problem, file },
    ...{ line: 1, column: 1, length: 1, pointer: '' },
  };
  return { file, text, findings: [finding], declared: null };
}

export interface ReadSettings {
  settings: ProjectSettings;
  /** What is wrong with environment variables, and what to do. */
  problems: string[];
}

/**
 * The settings that the files declare, with their values. A setting of an earlier file takes the place of one of a later file. `problem`:
 * the mistakes in a file, as `kait validate` prints them. Files that do not exist are passed over. Never throws.
 */
export function readSettings(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
  options: { isComplete: boolean },
): ReadSettings | { problem: string } {
  const checked = files.filter((file) => existsSync(file)).map(checkSettingsFile);
  const faulty = checked.filter(({ declared }) => declared === null);
  if (faulty.length > 0) return { problem: faulty.map((each) => formatFindings(each)).join('\n\n') };
  const declared = new Map(checked.toReversed().flatMap((each) => [...(each.declared ?? [])]));
  return settingsIn(declared, variables, options);
}
