import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { formatFindings, type Finding, type Paint } from '../../language/finding.ts';
import { checkSettingsFile, type CheckedSettings } from '../../server/read-settings.ts';
import type { CheckedFile } from '../../server/load-definitions.ts';
import { type CheckedActivity, checkActivities, checkActivityFiles } from '../activities/check-activities.ts';
import {
  checkDefinitions,
  checkEventCatalogue,
  checkEventType,
  checkPeople,
  checkMail,
  checkPresets,
  checkSources,
  checkTests,
  type CheckedJsonFile,
  type CheckedMail,
  type CheckedTests,
} from '../check-files.ts';
import { filesAt, kindOf, wrongKind, type FileKind } from '../definition-files.ts';
import { checkSecrets, type CheckedSecrets } from '../secrets-beside.ts';
import { settingsBeside } from '../settings-beside.ts';

/** What `kait validate --json` writes, for editors and CI. */
export interface ValidationReport {
  /** Whether nothing is wrong, so that the files may be served. */
  ok: boolean;
  files: {
    file: string;
    /** Null, like the hash, if a finding is an error. */
    name: string | null;
    /** SHA-256 (hex) of the canonical JSON; runs are pinned to it. */
    hash: string | null;
    findings: Finding[];
  }[];
  /** What keeps the sound definitions of one folder from being served together. */
  conflicts: string[];
  /** The project’s own activities. `replaces`: the activity of Kait’s whose place it takes. */
  activities: { file: string; findings: Finding[]; replaces: string | null }[];
  /** Test files. They are checked, not run. */
  tests: { file: string; findings: Finding[]; problem: string | null }[];
  /** Presets and sources. */
  gateways: CheckedJsonFile[];
  /** Where secrets may be sent. */
  secrets: { file: string; findings: Finding[] }[];
  settings: { file: string; findings: Finding[] }[];
  /** Who may answer questions. */
  people: { file: string; findings: Finding[] }[];
  /** What is wrong with the environment variables that give settings their values. */
  variables: string[];
  mails: { file: string; findings: Finding[] }[];
  /** Those of `event-types.json` among them. */
  eventTypes: { file: string; findings: Finding[] }[];
}

interface Checked {
  definitions: CheckedFile[];
  conflicts: string[];
  activities: CheckedActivity[];
  tests: CheckedTests[];
  presets: CheckedJsonFile[];
  sources: CheckedJsonFile[];
  secrets: CheckedSecrets[];
  settings: CheckedSettings[];
  people: CheckedMail[];
  /** What is wrong with environment variables of settings. */
  variables: string[];
  mails: CheckedMail[];
  eventTypes: CheckedMail[];
  eventCatalogues: CheckedMail[];
}

/**
 * `kait validate`: checks definitions, each against those of its folder; test files against their definitions; presets, sources,
 * secrets and mail templates. Without paths it checks everything that Kait would load. Resolves to the exit code: 1 if something is wrong
 * or there is nothing to check. Throws KAIT_USAGE if a path cannot be read or is a sample.
 */
export async function validate(
  options: { paths: string[]; json: boolean; definitions: string },
  write: (line: string) => void,
): Promise<number> {
  const paths = options.paths.length === 0 ? loadedParts(options.definitions) : options.paths;
  const files = await filesAt(paths);
  const own = options.paths.length === 0 ? await checkActivities(options.definitions) : [];
  const checked = await checkAll(files, options.definitions, own);
  const ok =
    (files.length > 0 || own.length > 0) &&
    checked.variables.length === 0 &&
    checked.conflicts.length === 0 &&
    countFaulty(checked).every(([, faulty]) => faulty === 0);
  if (options.json) write(JSON.stringify(reportOf(ok, checked), null, 2));
  else if (files.length === 0) write(nothingIn(paths));
  else {
    writeMistakes(checked, write);
    write(summaryOf(checked));
  }
  return ok ? 0 : 1;
}

/** What Kait loads of a definitions folder: all of it but the examples. */
function loadedParts(definitions: string): string[] {
  const files = ['sources.json', 'secrets.json', 'settings.json', 'people.json', 'event-types.json'];
  const parts = ['workflows', 'gateways', ...files, 'mails', 'event-types'].map((part) => join(definitions, part));
  return parts.filter((path, position) => position === 0 || existsSync(path));
}

async function checkAll(files: string[], folder: string, own: CheckedActivity[]): Promise<Checked> {
  const of = (kind: FileKind) => files.filter((file) => kindOf(file) === kind);
  for (const sample of of('sample')) {
    throw wrongKind(
      sample,
      'validate',
      'definitions, tests, presets, sources, secrets, settings, people and mail templates',
    );
  }
  const { checked, conflicts } = await checkDefinitions(of('definition'), folder);
  return {
    definitions: checked,
    conflicts,
    activities: [...own, ...(await checkActivityFiles(of('activity')))],
    tests: await Promise.all(of('tests').map(checkTests)),
    presets: await checkPresets(of('preset')),
    sources: await Promise.all(of('sources').map(checkSources)),
    secrets: await Promise.all(of('secrets').map(checkSecrets)),
    settings: of('settings').map(checkSettingsFile),
    people: await Promise.all(of('people').map(checkPeople)),
    variables: files.length === 0 ? [] : settingsBeside(folder, 'environment', folder).problems,
    mails: await Promise.all(of('mail').map(checkMail)),
    eventTypes: await Promise.all(of('event type').map(checkEventType)),
    eventCatalogues: await Promise.all(of('event catalogue').map(checkEventCatalogue)),
  };
}

const isSound = {
  definition: ({ loaded }: CheckedFile) => loaded !== null,
  tests: ({ findings, problem }: CheckedTests) =>
    problem === null && findings.every(({ severity }) => severity !== 'error'),
  json: ({ mistakes }: CheckedJsonFile) => mistakes.length === 0,
  findings: ({ findings }: { findings: Finding[] }) => findings.every(({ severity }) => severity !== 'error'),
};

type Count = [total: number, faulty: number, one: string, several: string];

/** How many files of each kind were checked, and how many have mistakes. */
function countFaulty(checked: Checked): Count[] {
  const { definitions, activities, tests, presets, sources, secrets, settings, mails } = checked;
  const count = <File>(files: File[], sound: (file: File) => boolean, one: string, several: string): Count => [
    files.length,
    files.filter((file) => !sound(file)).length,
    one,
    several,
  ];
  return [
    count(definitions, isSound.definition, 'definition', 'definitions'),
    count(activities, isSound.findings, 'activity', 'activities'),
    count(tests, isSound.tests, 'test file', 'test files'),
    count(presets, isSound.json, 'preset', 'presets'),
    count(sources, isSound.json, 'sources file', 'sources files'),
    count(secrets, isSound.findings, 'secrets file', 'secrets files'),
    count(settings, isSound.findings, 'settings file', 'settings files'),
    count(checked.people, isSound.findings, 'people file', 'people files'),
    count(mails, isSound.findings, 'mail template', 'mail templates'),
    count(checked.eventTypes, isSound.findings, 'event type', 'event types'),
    count(checked.eventCatalogues, isSound.findings, 'catalogue of event types', 'catalogues of event types'),
  ];
}

function reportOf(ok: boolean, checked: Checked): ValidationReport {
  const { definitions, conflicts, activities, tests, presets, sources, secrets, settings, variables, mails } = checked;
  return {
    ok,
    files: definitions.map(({ file, findings, loaded }) => {
      return { file, name: loaded?.definition.name ?? null, hash: loaded?.hash ?? null, findings };
    }),
    conflicts,
    activities: activities.map(({ file, findings, replaces }) => ({ file, findings, replaces })),
    tests: tests.map(({ file, findings, problem }) => ({ file, findings, problem })),
    gateways: [...presets, ...sources],
    secrets: secrets.map(({ file, findings }) => ({ file, findings })),
    settings: settings.map(({ file, findings }) => ({ file, findings })),
    people: checked.people.map(({ file, findings }) => ({ file, findings })),
    variables,
    mails: mails.map(({ file, findings }) => ({ file, findings })),
    eventTypes: [...checked.eventTypes, ...checked.eventCatalogues].map(({ file, findings }) => ({ file, findings })),
  };
}

function writeMistakes(checked: Checked, write: (line: string) => void): void {
  const { definitions, conflicts, activities, tests, presets, sources, secrets, settings, variables, mails } = checked;
  for (const file of [
    ...activities,
    ...definitions,
    ...tests,
    ...secrets,
    ...settings,
    ...checked.people,
    ...mails,
    ...checked.eventTypes,
    ...checked.eventCatalogues,
  ]) {
    if (file.findings.length > 0) write(`${formatFindings({ ...file, paint })}\n`);
  }
  for (const { file, problem } of tests) if (problem !== null) write(`${file}: ${pc.red('error')} ${problem}`);
  for (const { file, line, column, message } of [...presets, ...sources].flatMap(({ mistakes }) => mistakes)) {
    write(`${file}:${line}:${column} ${pc.red('error')} ${message}`);
  }
  for (const { file, replaces } of activities) {
    if (replaces !== null) write(`${file} takes the place of ${replaces}, which comes with Kait.`);
  }
  for (const problem of variables) write(`${pc.red('KAIT_SETTINGS_INVALID')}: ${problem}\n`);
  for (const conflict of conflicts) write(`${pc.red('KAIT_DEFINITIONS_INVALID')}: ${conflict}\n`);
}

/** Names everything that was checked, and says that tests were not run. */
function summaryOf(checked: Checked): string {
  const counts = countFaulty(checked).filter(([total]) => total > 0);
  const all = listed(counts.map(([total, , one, several]) => `${total} ${total === 1 ? one : several}`));
  const faulty = counts.filter(([, wrong]) => wrong > 0);
  const outcome =
    faulty.length > 0
      ? pc.red(
          `mistakes in ${listed(faulty.map(([, wrong, one, several]) => `${wrong} ${wrong === 1 ? one : several}`))}`,
        )
      : checked.variables.length > 0
        ? pc.red('a variable of the environment does not fit its setting')
        : checked.conflicts.length > 0
          ? pc.red('the definitions cannot be served together')
          : pc.green('no mistakes');
  const note = checked.tests.length > 0 ? ' Tests were not run; "kait test" runs them.' : '';
  return `Checked ${all}: ${outcome}.${note}`;
}

/** `a, b and c`. */
function listed(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function nothingIn(paths: string[]): string {
  return `No .json files in ${paths.join(', ')}. To write a definition, follow docs/GUIDE.md or copy one of definitions/examples.`;
}

const paint: Paint = (part, text) => ({ error: pc.red, warning: pc.yellow, hint: pc.cyan, frame: pc.dim })[part](text);
