import { join } from 'node:path';
import type { Logger } from 'pino';
import { createCatalogue, type Catalogue } from '../../activities/catalogue.ts';
import type { OwnActivity } from '../../activities/own/define-activity.ts';
import { externalEntry } from '../../activities/external-entry.ts';
import { entryOf } from '../../activities/own/own-entry.ts';
import { shopActivities } from '../../activities/shop/shop-activities.ts';
import { KaitError } from '../../errors.ts';
import { formatFindings } from '../../language/finding.ts';
import { isCurrent, readBuild, writeBuild } from './activity-build.ts';
import type { FaultyActivity } from './activity-finding.ts';
import { activitySources, projectOf } from './activity-sources.ts';
import { type ExternalActivities, readExternalActivities } from './external-activities.ts';
import { compileActivities, runningApi } from './compile-activities.ts';
import { turnedOff } from './turned-off.ts';
import { type ImportedActivities, importActivities } from './import-activities.ts';

/** The activities of an installation. */
export interface LoadedActivities {
  catalogue: Catalogue;
  /** The project's own, by name. */
  own: ReadonlyMap<string, OwnActivity>;
  /** Those that are written with `defineActivity`, by name: the project's own, and the example shop's that it neither replaces nor turns off. */
  defined: ReadonlyMap<string, OwnActivity>;
  /** The files of the project's own, by name. */
  files: ReadonlyMap<string, string>;
  /** Those that workers of other programs run. */
  external: ExternalActivities;
  /** The activities of Kait's that the project turns off. */
  off: readonly string[];
  /** The files with a mistake, whose activities are not known. */
  faulty: FaultyActivity[];
  /** Whether the sources have been changed since `kait build`. */
  isStale: boolean;
}

/** `sources`: what the files say now. `build`: what `kait build` has made of them, for production. */
export type ActivitiesFrom = 'sources' | 'build';

/**
 * Loads the activities of the project that the definitions belong to; of those that come with Kait, Kait's alone. Throws
 * KAIT_ACTIVITIES_NOT_BUILT if only a build counts and there is none.
 */
export async function openActivities(definitions: string, from: ActivitiesFrom): Promise<LoadedActivities> {
  const project = projectOf(definitions);
  if (project === null) return kaitAlone();
  const { off, faulty } = await turnedOff(project);
  const { isStale, ...imported } = await (from === 'sources' ? fromSources(project) : fromBuild(project));
  const read = await readExternalActivities(project, imported.activities);
  return loaded(
    { ...imported, external: read.external, faulty: [...imported.faulty, ...read.faulty, ...faulty] },
    off,
    isStale,
  );
}

/** Without a project. */
export function kaitAlone(): LoadedActivities {
  return loaded({ ...none, external: new Map() }, [], false);
}

const none = { activities: new Map(), faulty: [], isStale: false };

/** The folder of `kait build`. */
export const buildFolder = (project: string) => join(project, 'dist', 'activities');

type Imported = ImportedActivities & Pick<LoadedActivities, 'isStale'>;

async function fromBuild(project: string): Promise<Imported> {
  const sources = await activitySources(project);
  const build = await readBuild(buildFolder(project));
  if (build === null) {
    if (sources.length === 0) return none;
    throw new KaitError(
      'KAIT_ACTIVITIES_NOT_BUILT',
      `${sources.join(', ')} ${sources.length === 1 ? 'is' : 'are'} not compiled: there is no ${buildFolder(project)}. Run "kait build" first.`,
    );
  }
  const isStale = sources.length > 0 && !(await isCurrent(build, project, sources));
  return { ...(await importActivities(project, buildFolder(project), build.modules)), isStale };
}

/** Says what a process of production has loaded, and what is wrong with it. */
export function logActivities(
  log: Pick<Logger, 'info' | 'warn' | 'error'>,
  { own, external, faulty, isStale }: LoadedActivities,
): void {
  for (const each of faulty) log.error({ file: each.source, problem: formatFindings(each) }, 'activity cannot be used');
  warnOfStaleBuild(log, { isStale });
  const names = [...own.keys(), ...external.keys()];
  if (names.length > 0) log.info({ activities: names }, 'activities of the project are loaded');
}

/** The sources that a developer sees are not what runs. */
export function warnOfStaleBuild(log: Pick<Logger, 'warn'>, { isStale }: Pick<LoadedActivities, 'isStale'>): void {
  if (isStale) log.warn('the activities have been changed since "kait build": the compiled ones run. Run it again');
}

/** Several commands at once must not compile the same files twice. */
const underWay = new Map<string, Promise<Imported>>();

function fromSources(project: string): Promise<Imported> {
  const before = underWay.get(project);
  if (before !== undefined) return before;
  const reading = readSources(project).finally(() => underWay.delete(project));
  underWay.set(project, reading);
  return reading;
}

async function readSources(project: string): Promise<Imported> {
  const sources = await activitySources(project);
  if (sources.length === 0) return none;
  // Errors are to name the places in the sources.
  process.setSourceMapsEnabled(true);
  const folder = join(project, '.kait', 'activities');
  const api = runningApi();
  const before = await readBuild(folder);
  if (before !== null && before.api === api && (await isCurrent(before, project, sources))) {
    return { ...(await importActivities(project, folder, before.modules)), isStale: false };
  }
  const compiled = await compileActivities(project, sources, { asInstalled: false });
  await writeBuild(folder, compiled, { anew: false, api });
  const { activities, faulty } = await importActivities(project, folder, compiled.modules);
  return { activities, faulty: [...compiled.faulty, ...faulty], isStale: false };
}

/** The activities of files that have got a mistake stay as they were. */
export function keepLastGoodActivities(before: LoadedActivities, latest: LoadedActivities): LoadedActivities {
  const activities: ImportedActivities['activities'] = new Map();
  const add = (from: LoadedActivities, name: string, activity: OwnActivity) =>
    activities.set(name, { activity, file: from.files.get(name) ?? '' });
  for (const [name, activity] of before.own) {
    if (latest.faulty.some(({ source }) => source === before.files.get(name))) add(before, name, activity);
  }
  for (const [name, activity] of latest.own) add(latest, name, activity);
  const kept = [...before.external].filter(([, { file }]) => latest.faulty.some(({ source }) => source === file));
  const external = new Map([...kept, ...latest.external]);
  return loaded({ activities, external, faulty: latest.faulty }, latest.off, latest.isStale);
}

function loaded(
  { activities, external, faulty }: ImportedActivities & Pick<LoadedActivities, 'external'>,
  off: readonly string[],
  isStale: boolean,
): LoadedActivities {
  const own = new Map([...activities].map(([name, { activity }]) => [name, activity]));
  const files = new Map([...activities].map(([name, { file }]) => [name, file]));
  const entries = Object.fromEntries([
    ...[...external].map(([name, { activity }]) => [name, externalEntry(activity)] as const),
    ...[...own].map(([name, activity]) => [name, entryOf(activity)] as const),
  ]);
  const catalogue = createCatalogue({ own: entries, off });
  const shop = [...shopActivities].filter(([name]) => Object.hasOwn(catalogue.all, name) && !external.has(name));
  return { catalogue, own, defined: new Map([...shop, ...own]), files, external, off, faulty, isStale };
}
