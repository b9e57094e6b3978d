import { parse } from 'jsonc-parser';
import { z } from 'zod';
import type { SetFiles } from './published-sets.ts';

/** Runs under way of one version of a definition and one source. They carry their definition, but not what it needs. */
export interface RunsUnderWay {
  name: string;
  source: string;
  definition: unknown;
  count: number;
}

/** What a process has beside the set. */
interface Present {
  /** Whether an activity of this name can be called. */
  isCallable: (activity: string) => boolean;
  /** Mail templates that come with Kait. */
  mails: readonly string[];
}

/** Why runs under way would fail with this set. One sentence for each cause, with the number of runs. */
export function endangeredBy(files: SetFiles, runs: readonly RunsUnderWay[], present: Present): string[] {
  const sources = Object.keys(objectOf(files['sources.json']));
  const secrets = JSON.stringify(objectOf(files['secrets.json']));
  const mails = new Set([...present.mails, ...Object.keys(files).flatMap((path) => mailOf(path) ?? [])]);
  const counts = new Map<string, number>();
  for (const { name, source, definition, count } of runs) {
    const needs = needsOf(definition);
    const missing = [
      ...(sources.includes(source) ? [] : [`the source "${source}"`]),
      ...needs.activities.filter((each) => !present.isCallable(each)).map((each) => `the activity ${each}`),
      ...needs.mails.filter((each) => !mails.has(each)).map((each) => `the mail template "${each}"`),
      ...needs.secrets.filter((each) => !secrets.includes(`"${each}"`)).map((each) => `the secret ${each}`),
    ];
    for (const each of new Set(missing)) {
      const key = JSON.stringify([name, each]);
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return [...counts].map(([key, count]) => {
    const [name, missing] = JSON.parse(key) as [string, string];
    const runs = count === 1 ? `1 run under way of "${name}" needs` : `${count} runs under way of "${name}" need`;
    return `${runs} ${missing}, which is not there any more.`;
  });
}

const objectSchema = z.record(z.string(), z.unknown());

function objectOf(text: string | undefined): Record<string, unknown> {
  return text === undefined ? {} : (objectSchema.safeParse(parse(text)).data ?? {});
}

function mailOf(path: string): string | null {
  return /^mails\/([^/]+)\.json$/.exec(path)?.[1] ?? null;
}

interface Needs {
  activities: string[];
  mails: string[];
  secrets: string[];
}

/** What the steps of a definition name, wherever they are in it. */
function needsOf(value: unknown): Needs {
  const needs: Needs = { activities: [], mails: [], secrets: [] };
  collect(value, needs);
  return needs;
}

function collect(value: unknown, needs: Needs): void {
  if (typeof value === 'string')
    needs.secrets.push(...[...value.matchAll(/\bKAIT_SECRET_[A-Z0-9_]+/g)].map(([name]) => name));
  if (typeof value !== 'object' || value === null) return;
  if ('call' in value && typeof value.call === 'string') needs.activities.push(value.call);
  if ('template' in value && typeof value.template === 'string') needs.mails.push(value.template);
  for (const each of Object.values(value)) collect(each, needs);
}
