import { canonicalJson, type Json } from '../language/json.ts';
import type { Database } from '../storage/database.ts';
import type { LoadedDefinition } from './load-definitions.ts';

/** A version of a definition that was served at some time. */
interface Version {
  name: string;
  json: Json;
}

/**
 * Adds to each definition the names that it had before, so that a run under one of them counts as its own and nothing runs twice because
 * of a rename. A name is a former one if some version of it differed from some version of the definition in nothing but name and title,
 * directly or over other former names, and if no definition has it now.
 */
export async function withFormerNames(database: Database, served: LoadedDefinition[]): Promise<LoadedDefinition[]> {
  const versions = await database.run<Version>('definitions-versions', 'select name, json from definitions', []);
  const contents = versions.map((version) => ({ name: version.name, content: contentOf(version) }));
  const now = new Set(served.map(({ definition }) => definition.name));
  const gone = contents.filter(({ name }) => !now.has(name));
  return served.map((loaded) => ({ ...loaded, formerNames: formerNamesOf(loaded.definition.name, contents, gone) }));
}

interface Named {
  name: string;
  content: string;
}

function formerNamesOf(name: string, contents: readonly Named[], gone: readonly Named[]): string[] {
  const names = new Set([name]);
  for (const known of names) {
    const own = new Set(contents.flatMap((each) => (each.name === known ? [each.content] : [])));
    for (const each of gone) if (own.has(each.content)) names.add(each.name); // The loop goes on to what it adds.
  }
  names.delete(name);
  return [...names].sort();
}

function contentOf({ json }: Version): string {
  return canonicalJson({ ...(json as Record<string, Json>), name: null, title: null }); // A definition is an object.
}

/** Whether a run, known by the name of its definition, is one of this definition. */
export function isRunOf({ definition, formerNames = [] }: LoadedDefinition, run: { definition: string }): boolean {
  return run.definition === definition.name || formerNames.includes(run.definition);
}
