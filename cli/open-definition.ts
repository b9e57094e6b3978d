import { basename, dirname } from 'node:path';
import { catalogue, verbActivities } from '../activities/catalogue.ts';
import { failureTypes } from '../activities/failure-types.ts';
import { KaitError } from '../errors.ts';
import type { ActivityTypes } from '../language/check.ts';
import type { Definition } from '../language/definition.ts';
import type { Finding } from '../language/finding.ts';
import { checkFolder } from '../server/load-definitions.ts';
import { isFolder } from './definition-files.ts';

/** A definition with what it takes to simulate it. */
export interface OpenedDefinition {
  file: string;
  text: string;
  findings: Finding[];
  /** Null where a finding is a mistake. */
  definition: Definition | null;
  /** All definitions of its folder, by name. */
  children: Readonly<Record<string, Definition>>;
}

/** What a simulation has to know of this installation. Its activities are also those that stand behind verbs. */
export const installation: { activities: ActivityTypes; finalErrors: readonly string[] } = {
  activities: { ...catalogue, ...verbActivities },
  finalErrors: Object.entries(failureTypes).flatMap(([type, { kind }]) => (kind === 'permanent' ? [type] : [])),
};

/** Reads a definition and those beside it, which it may run. Throws KAIT_USAGE where there is no such definition file. */
export async function openDefinition(file: string): Promise<OpenedDefinition> {
  const isOne = !(await isFolder(file));
  const beside = await checkFolder(dirname(file), catalogue);
  const own = beside.find((each) => isOne && basename(each.file) === basename(file));
  if (own === undefined) throw new KaitError('KAIT_USAGE', `${file} is no definition.`);
  const sound = beside.flatMap(({ loaded }) => loaded?.definition ?? []);
  return {
    file,
    text: own.text,
    findings: own.findings,
    definition: own.loaded?.definition ?? null,
    children: Object.fromEntries(sound.map((definition) => [definition.name, definition])),
  };
}
