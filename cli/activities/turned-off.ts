import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtInActivities } from '../../activities/built-in-activities.ts';
import { suggest } from '../../language/closest.ts';
import { type FaultyActivity, faultyActivity } from './activity-finding.ts';

/** The activities that come with Kait and that can be turned off: not those behind verbs. */
const names = Object.entries(builtInActivities).flatMap(([name, entry]) => (entry.verb === undefined ? [name] : []));

const file = 'package.json';

/** What `"kait": { "off": ["orders.create"] }` in the project's package.json turns off. */
export async function turnedOff(project: string): Promise<{ off: string[]; faulty: FaultyActivity[] }> {
  const text = await readFile(join(project, file), 'utf8').catch(() => '{}');
  const given = offIn(text);
  if (!Array.isArray(given)) {
    const message = '"kait": { "off": … } expects a list of activities that come with Kait.';
    return { off: [], faulty: [await faultyActivity(project, { file, message, ...placeIn(text, 'off') })] };
  }
  const unknown = given.filter((name) => !names.includes(name as string)).map(String);
  const faulty = unknown.map((name) => {
    const message = `"${name}" in "off" is no activity that comes with Kait and can be turned off.`;
    const hint = suggest(name, names, `There are: ${names.join(', ')}.`);
    return faultyActivity(project, { file, message, hint, ...placeIn(text, name) });
  });
  return {
    off: given.filter((name): name is string => names.includes(name as string)),
    faulty: await Promise.all(faulty),
  };
}

/** An empty list if nothing says so. Whether the rest of the file is sound is npm's affair. */
function offIn(text: string): unknown {
  try {
    const { kait } = JSON.parse(text) as { kait?: { off?: unknown } };
    return kait?.off ?? [];
  } catch {
    return [];
  }
}

function placeIn(text: string, word: string): { line: number; column: number; length: number } {
  const quoted = JSON.stringify(word);
  const before = text.slice(0, Math.max(0, text.lastIndexOf(quoted))).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, length: quoted.length };
}
