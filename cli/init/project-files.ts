import { readFile } from 'node:fs/promises';
import { createCatalogue } from '../../activities/catalogue.ts';
import { jsonSchemas } from '../commands/schemas.ts';
import { activitiesOnly } from '../../language/json-schema.ts';
import { packagePath } from '../../package-path.ts';
import { version } from '../version.ts';
import type { Answers } from './answers.ts';
import { exampleActivity } from './example-activity.ts';
import type { FirstWorkflow } from './first-workflow.ts';
import type { ProjectSources } from './project-sources.ts';

/** The files of `templates/project` that a project gets, and their places in it. npm leaves files such as .gitignore out of packages. */
const templates = {
  Dockerfile: 'Dockerfile',
  'README.md': 'README.md',
  'docker-compose.yml': 'docker-compose.yml',
  'docker/Caddyfile': 'docker/Caddyfile',
  'docker/create-roles.sh': 'docker/create-roles.sh',
  'docker/create-temporal-namespace.sh': 'docker/create-temporal-namespace.sh',
  'docker/set-up-temporal-schema.sh': 'docker/set-up-temporal-schema.sh',
  'docker/temporal-dynamic-config.yaml': 'docker/temporal-dynamic-config.yaml',
  dockerignore: '.dockerignore',
  'env.example': '.env.example',
  'github-workflow.yml': '.github/workflows/kait.yml',
  gitignore: '.gitignore',
  'settings.json': 'definitions/settings.json',
  'vscode-settings.json': '.vscode/settings.json',
} as const;

/** The files of a new project by their paths in it. */
export async function projectFiles(project: {
  answers: Answers;
  sources: ProjectSources;
  workflow: FirstWorkflow;
}): Promise<Map<string, string>> {
  const { answers, sources, workflow } = project;
  const files = new Map<string, string>();
  files.set('package.json', packageJson(answers.name));
  for (const [name, text] of Object.entries(workflow.files)) files.set(`definitions/workflows/${name}`, text);
  files.set('definitions/sources.json', sources.text);
  for (const [path, text] of Object.entries(exampleActivity)) files.set(path, text);
  for (const [template, path] of Object.entries(templates)) {
    files.set(path, filled(await readFile(packagePath('templates', 'project', template), 'utf8'), project));
  }
  files.set('.env', environmentText(files.get('.env.example') ?? '', project));
  for (const [name, text] of Object.entries(jsonSchemas(activitiesOnly(createCatalogue().callable))))
    files.set(`schemas/${name}`, text);
  return files;
}

function packageJson(name: string): string {
  const content = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      prepare: 'kait schemas',
      dev: 'kait dev',
      test: 'kait test',
      validate: 'kait validate',
      typecheck: 'tsc',
      build: 'kait build',
    },
    dependencies: { kait: `^${version}` },
    devDependencies: { '@types/node': '^20.19.0', typescript: '^6.0.0' },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function filled(text: string, { answers, sources, workflow }: Parameters<typeof projectFiles>[0]): string {
  const values: Record<string, string> = {
    name: answers.name,
    sample: workflow.sample,
    secrets: sources.variables.map(({ name, about, value = '' }) => `# ${about}\n#${name}=${value}`).join('\n'),
    database:
      answers.database === 'postgres'
        ? '\n# The database while you develop. docker-compose.yml brings its own.\n#DATABASE_URL=postgres://user:password@127.0.0.1:5432/kait\n'
        : '',
  };
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The example, with the lines that an answer needs. */
function environmentText(
  example: string,
  { answers: { database, mail }, sources }: Pick<Parameters<typeof projectFiles>[0], 'answers' | 'sources'>,
): string {
  const wanted = [
    ...sources.variables.flatMap(({ name, value }) => (value === undefined ? [] : [name])),
    ...(database === 'postgres' ? ['DATABASE_URL'] : []),
    ...(mail === 'smtp' ? ['SMTP_URL', 'KAIT_MAIL_FROM'] : []),
  ];
  const text = example.replace('# Copy to .env. Put', '# Put');
  return wanted.reduce((latest, name) => latest.replace(`#${name}=`, `${name}=`), text);
}
