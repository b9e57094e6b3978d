import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import pc from 'picocolors';
import { KaitError } from '../../errors.ts';
import { packagePath } from '../../package-path.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import { askAnswers, nameProblem, withDefaults, type Answers, type GivenAnswers } from '../init/answers.ts';
import { sourcesOf } from '../init/project-sources.ts';
import { firstWorkflow } from '../init/first-workflow.ts';
import { projectFiles } from '../init/project-files.ts';

export interface InitOptions extends GivenAnswers {
  /** Whether the defaults are taken for what is not given, instead of asking. */
  yes: boolean;
}

/**
 * `kait init`: makes a project of one's own in `folder`, and returns what to do next. A file that exists stays as it is. Throws KAIT_USAGE
 * for a wrong answer, or if something has to be asked and nobody is there to answer.
 */
export async function initProject(folder: string, options: InitOptions, nowIso: string): Promise<string> {
  const target = resolve(folder);
  const presets = await loadPresets(packagePath('definitions', 'gateways'));
  const answers = await answersFor(
    target,
    options,
    [...presets.values()].map(({ name, declared }) => ({ name, title: declared.title })),
  );
  const sources = await sourcesOf(answers.gateways, presets);
  const workflow = await firstWorkflow(answers.gateways, presets, nowIso);
  const files = await projectFiles({ answers, sources, workflow });
  const kept: string[] = [];
  for (const [path, text] of files) {
    if (!(await writeNew(join(target, path), text))) kept.push(path);
  }
  return closingText({
    target,
    created: files.size - kept.length,
    kept,
    notes: sources.notes,
    sample: workflow.sample,
  });
}

async function answersFor(
  target: string,
  { yes, ...given }: InitOptions,
  gateways: { name: string; title: string }[],
): Promise<Answers> {
  const suggestedName = basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const defaults: Answers = {
    name: nameProblem(suggestedName) === null ? suggestedName : 'payments',
    gateways: ['stripe'],
    database: 'embedded',
    mail: 'files',
  };
  const answers = yes ? withDefaults(given, defaults) : await askAnswers(given, defaults, gateways);
  const problem = nameProblem(answers.name);
  if (problem !== null) throw new KaitError('KAIT_USAGE', problem);
  return answers;
}

/** Whether the file was written. `wx` leaves one alone that exists. */
async function writeNew(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function keptLines(kept: string[]): string[] {
  if (kept.length === 0) return [];
  return [
    `  Left as they were: ${kept.slice(0, 5).join(', ')}${kept.length > 5 ? ` and ${kept.length - 5} more` : ''}`,
  ];
}

interface Closing {
  target: string;
  created: number;
  kept: string[];
  notes: string[];
  /** Such as `stripe payment_intent.succeeded`. */
  sample: string;
}

function closingText({ target, created, kept, notes, sample }: Closing): string {
  const path = relative(process.cwd(), target);
  const commands = [
    ...(path === '' ? [] : [[`cd ${path}`, '']]),
    ...(existsSync(join(target, 'node_modules')) ? [] : [['npm install', '']]),
    ['npm run dev', 'starts everything and prints the URLs for your gateways’ dashboards'],
    [`npx kait send ${sample}`, 'in another terminal: a webhook, signed as the gateway would'],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `${pc.green('✔')} Wrote ${created} files to ${target}`,
    ...keptLines(kept),
    ...notes.map((note) => `${pc.yellow('!')} ${note}`),
    '',
    'Next:',
    ...commands.map(([command, what]) => `  ${pc.cyan(command.padEnd(width))}  ${what}`.trimEnd()),
    '',
    `${pc.dim('The workflow is in definitions/workflows. Change it, then run')} npm test${pc.dim('.')}`,
  ].join('\n');
}
