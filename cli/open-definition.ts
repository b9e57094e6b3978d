import { basename, dirname } from 'node:path';
import pc from 'picocolors';
import { type Catalogue, withEventTypes } from '../activities/catalogue.ts';
import { failureTypes, runFailureTypes } from '../activities/failure-types.ts';
import { KaitError } from '../errors.ts';
import type { Definition } from '../language/definition.ts';
import { type Finding, formatFindings } from '../language/finding.ts';
import type { ProjectSettings } from '../language/project-settings.ts';
import { checkFile, checkFolder } from '../server/load-definitions.ts';
import type { SimulationOptions } from '../simulator/simulate.ts';
import { activitiesBeside } from './activities/activities-beside.ts';
import { requireDefinition } from './definition-files.ts';
import { eventTypesBeside } from './event-types-beside.ts';
import { secretsBeside } from './secrets-beside.ts';
import { settingsBeside, type ValuesFrom } from './settings-beside.ts';

/** A definition without mistakes, and the text that it was read from. */
export interface ReadDefinition {
  file: string;
  text: string;
  definition: Definition;
  /** SHA-256 (hex) of the canonical JSON. */
  hash: string;
  catalogue: Catalogue;
}

/** A definition with what a simulation of it needs. */
export interface OpenedDefinition {
  file: string;
  text: string;
  findings: Finding[];
  /** Null if a finding is an error. */
  definition: Definition | null;
  /** All definitions of its folder, by name. */
  children: Readonly<Record<string, Definition>>;
  catalogue: Catalogue;
  /** Undefined if they are not known. */
  settings: ProjectSettings | undefined;
}

/** What a simulation needs to know about an installation: its activities, including those behind verbs, and final errors. */
export function installationOf({
  all,
}: Pick<Catalogue, 'all'>): Pick<Required<SimulationOptions>, 'activities' | 'finalErrors' | 'harmlessErrors'> {
  const declared = Object.values(all).flatMap(({ errors = {} }) => Object.keys(errors));
  return {
    activities: all,
    finalErrors: [...typesOf(({ kind }) => kind === 'permanent'), ...declared],
    harmlessErrors: [...typesOf(({ effect }) => effect === 'none'), ...declared],
  };
}

function typesOf(holds: (meaning: { kind: string; effect: string }) => boolean): string[] {
  const types = Object.entries({ ...failureTypes, ...runFailureTypes });
  return types.flatMap(([type, meaning]) => (holds(meaning) ? [type] : []));
}

/**
 * Reads and checks one definition on its own. Resolves to null if it cannot be read or has mistakes, after writing them.
 * `command` is the one that was given the file.
 */
export async function readDefinition(
  file: string,
  command: string,
  write: (text: string) => void,
): Promise<ReadDefinition | null> {
  try {
    await requireDefinition(file, command);
  } catch (error) {
    if (!(error instanceof KaitError)) throw error;
    write(`${pc.red(error.code)}: ${error.message}`);
    return null;
  }
  const { catalogue } = await activitiesBeside(dirname(file));
  const { settings } = settingsBeside(dirname(file), 'environment');
  const { loaded, text, findings } = checkFile(file, catalogue.callable, { settings });
  if (loaded !== null) return { file, text, definition: loaded.definition, hash: loaded.hash, catalogue };
  write(`${formatFindings({ file, text, findings })}\n`);
  return null;
}

/** Reads a definition together with those beside it, which it may run. Throws KAIT_USAGE if the file is not a definition. */
export async function openDefinition(
  file: string,
  command: string,
  valuesFrom: ValuesFrom = 'environment',
): Promise<OpenedDefinition> {
  await requireDefinition(file, command);
  const secrets = await secretsBeside(dirname(file));
  const { settings } = settingsBeside(dirname(file), valuesFrom);
  const { catalogue } = await activitiesBeside(dirname(file));
  const eventTypes = await eventTypesBeside(dirname(file));
  const around = { secrets, settings, eventTypes };
  const beside = await checkFolder(dirname(file), catalogue.callable, around);
  const found = beside.find((each) => basename(each.file) === basename(file));
  const own = found ?? checkFile(file, catalogue.callable, around);
  const sound = beside.flatMap(({ loaded }) => loaded?.definition ?? []);
  return {
    file,
    text: own.text,
    findings: own.findings,
    definition: own.loaded?.definition ?? null,
    children: Object.fromEntries(sound.map((definition) => [definition.name, definition])),
    catalogue: withEventTypes(catalogue, eventTypes),
    settings,
  };
}
