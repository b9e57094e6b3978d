import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMailTemplates, valuesNeededBy } from '../../activities/mail/mail-templates.ts';
import { readPeopleFile } from '../../activities/people-file.ts';
import { readSecretsFile } from '../../activities/secrets-file.ts';
import { lookupSecret, settingVariables } from '../../config.ts';
import { layersOf } from '../../definition-layers.ts';
import { errorText } from '../../describe-error.ts';
import { KaitError } from '../../errors.ts';
import { formatFindings } from '../../language/finding.ts';
import type { ActivityTypes } from '../../language/check.ts';
import { readPresets } from '../../server/gateway/presets.ts';
import { readSources } from '../../server/gateway/sources.ts';
import { type Beside, checkFolder, conflictsOf } from '../../server/load-definitions.ts';
import { readEventTypes } from '../../server/read-event-types.ts';
import { readSettings } from '../../server/read-settings.ts';

/** What a definitions folder holds beside its workflows, as far as it is sound. */
export interface SetParts {
  beside: Beside;
  presets: Awaited<ReturnType<typeof readPresets>>['presets'];
  /** Null if the file has a mistake. */
  sources: ReturnType<typeof readSources> | null;
  /** What is wrong, as `kait validate` says it, with paths in the folder. */
  mistakes: string[];
}

/**
 * Finds every mistake that would keep this process from serving a folder as it is meant. `activities` are those that the process has.
 * A worker needs no values of settings, because runs bring them along.
 */
export async function mistakesIn(
  folder: string,
  { activities, kind }: { activities: ActivityTypes; kind: 'server' | 'worker' },
): Promise<string[]> {
  const parts = await readParts(folder, kind);
  const checked = await checkFolder(join(folder, 'workflows'), activities, parts.beside).catch(() => []);
  const faulty = checked.filter(({ loaded }) => loaded === null).map((each) => formatFindings(each));
  const loaded = checked.flatMap((each) => each.loaded ?? []);
  const conflicts = faulty.length > 0 ? [] : conflictsOf(loaded).map(({ message }) => message);
  const none = checked.length === 0 ? ['There is no workflow definition in workflows.'] : [];
  return [...parts.mistakes, ...none, ...[...faulty, ...conflicts].map((text) => within(folder, text))];
}

/** Reads what is beside the workflows. Never rejects for what the files say. */
export async function readParts(folder: string, kind: 'server' | 'worker'): Promise<SetParts> {
  const mails = await readMailTemplates(layersOf(folder, 'mails'));
  const types = await readEventTypes(folder);
  const secrets = await readSecretsFile(join(folder, 'secrets.json'));
  const people = await readPeopleFile(join(folder, 'people.json'));
  const isComplete = kind === 'server';
  const settings = readSettings(layersOf(folder, 'settings.json'), settingVariables(), { isComplete });
  const { presets, faulty } = await readPresets(layersOf(folder, 'gateways'));
  const sources = await sourcesIn(folder, presets);
  const mistakes = [
    ...mails.faulty.values(),
    ...types.faulty.values(),
    ...(secrets.bindings === null ? [secrets.problem] : []),
    ...(people.people === null ? [people.problem] : []),
    ...('problem' in settings ? [settings.problem] : isComplete ? settings.problems : []),
    ...faulty.values(),
    ...('problem' in sources ? [sources.problem] : []),
  ];
  return {
    beside: {
      mailTemplates: valuesNeededBy(mails),
      eventTypes: types.eventTypes,
      secrets: secrets.bindings ?? undefined,
      settings: 'problem' in settings ? settings : settings.settings,
    },
    presets,
    sources: 'problem' in sources ? null : sources.entries,
    mistakes: mistakes.map((text) => within(folder, text)),
  };
}

async function sourcesIn(
  folder: string,
  presets: SetParts['presets'],
): Promise<{ entries: ReturnType<typeof readSources> } | { problem: string }> {
  const text = await readFile(join(folder, 'sources.json'), 'utf8').catch(() => null);
  if (text === null) return { problem: 'There is no sources.json.' };
  const environment = { lookup: lookupSecret, isComplete: true };
  try {
    return { entries: readSources({ presets, sourcesText: text, file: 'sources.json', environment }) };
  } catch (error) {
    if (error instanceof KaitError) return { problem: errorText(error) };
    throw error;
  }
}

/** The folder is nobody's but this process's. */
function within(folder: string, text: string): string {
  return text.replaceAll(`${folder}/`, '');
}
