import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SetActivity } from '../../storage/schema.ts';
import type { SetFiles } from '../../server/publish/set-files.ts';
import { readBuild } from '../activities/activity-build.ts';
import { projectOf } from '../activities/activity-sources.ts';
import { compileActivities, digestOf } from '../activities/compile-activities.ts';
import { type ActivitiesFrom, buildFolder, type LoadedActivities } from '../activities/open-activities.ts';

/** Describes a project's activities, so that other processes can tell whether theirs are the same. */
export async function describeActivities(
  definitions: string,
  { own, files, external }: Pick<LoadedActivities, 'own' | 'files' | 'external'>,
  from: ActivitiesFrom,
): Promise<SetActivity[]> {
  const digestOfModule = await (from === 'build' ? builtDigests(definitions) : compiledDigests(definitions, files));
  const described = [...own].map(async ([name, { kind, input, output }]): Promise<SetActivity> => {
    const digest = await digestOfModule(files.get(name) ?? '');
    return { name, kind, digest, input: jsonSchemaOf(input, 'input'), output: jsonSchemaOf(output, 'output') };
  });
  const elsewhere = [...external].map(([name, { activity }]): SetActivity => {
    const { input, output } = activity;
    return { name, kind: 'external', digest: digestOf(Buffer.from(JSON.stringify(activity))), input, output };
  });
  return [...(await Promise.all(described)), ...elsewhere].sort((a, b) => (a.name < b.name ? -1 : 1));
}

type DigestOf = (source: string) => Promise<string>;

async function builtDigests(definitions: string): Promise<DigestOf> {
  const project = projectOf(definitions);
  const build = project === null ? null : await readBuild(buildFolder(project));
  return async (source) => {
    const module = build?.modules[source];
    if (project === null || module === undefined) return '';
    return digestOf(await readFile(join(buildFolder(project), module)));
  };
}

/** Of what `kait build` would make of them. The names of shared modules, which they import, say what these hold. */
async function compiledDigests(definitions: string, files: ReadonlyMap<string, string>): Promise<DigestOf> {
  const project = projectOf(definitions);
  if (project === null || files.size === 0) return () => Promise.resolve('');
  const compiled = await compileActivities(project, [...new Set(files.values())], { asInstalled: true });
  return (source) => {
    const content = compiled.files.get(compiled.modules[source] ?? '');
    return Promise.resolve(content === undefined ? '' : digestOf(content));
  };
}

function jsonSchemaOf(schema: z.ZodObject, io: 'input' | 'output'): unknown {
  try {
    return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  } catch {
    return null; // It refers to itself in a way that JSON Schema does not know.
  }
}

/**
 * How the activities of a process differ from those that a set was made for. `problems`: the set calls what is of another kind here.
 * What is missing or too narrow here, the check of its definitions finds. `notes`: all other differences.
 */
export function compareActivities(
  set: { files: SetFiles; activities: readonly SetActivity[] },
  own: readonly SetActivity[],
): { problems: string[]; notes: string[] } {
  const called = calledIn(set.files);
  const problems: string[] = [];
  const notes: string[] = [];
  for (const { name, kind, digest, ...schemas } of set.activities) {
    const here = own.find((each) => each.name === name);
    if (here === undefined) {
      notes.push(`It has no activity ${name}.`);
    } else if (here.kind !== kind) {
      const text = `Its activity ${name} is of the kind ${here.kind}, and the set was made for ${kind}.`;
      (called.has(name) ? problems : notes).push(text);
    } else if (JSON.stringify(schemas) !== JSON.stringify({ input: here.input, output: here.output })) {
      notes.push(`Its activity ${name} has another input or output than the one that the set was made for.`);
    } else if (here.digest !== digest) {
      notes.push(`Its activity ${name} has other code than the one that the set was made for.`);
    }
  }
  return { problems, notes };
}

/** Whether an activity of a set is another one here, as far as its callers can tell, or missing. */
export function isOther(name: string, ofSet: readonly SetActivity[], own: readonly SetActivity[]): boolean {
  const here = own.find((each) => each.name === name);
  const [first] = ofSet.filter((each) => each.name === name);
  return first !== undefined && (here === undefined || formOf(first) !== formOf(here));
}

function formOf({ kind, input, output }: SetActivity): string {
  return JSON.stringify([kind, input, output]);
}

function calledIn(files: SetFiles): Set<string> {
  const texts = Object.entries(files).filter(([path]) => /^workflows\/(?!.*\.test\.json$)/.test(path));
  return new Set(
    texts.flatMap(([, text]) => [...text.matchAll(/"call"\s*:\s*"([^"]+)"/g)].map(([, name]) => name ?? '')),
  );
}
