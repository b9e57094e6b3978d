import { formatDefinition } from '../../../authoring/format-definition.ts';
import type { Definition } from '../../../language/definition.ts';

/** A definition in the one layout that `kait fmt` gives it. */
export function sourceText(definition: Definition): string {
  const text = JSON.stringify(definition);
  return formatDefinition({ file: `${definition.name}.json`, text }).text ?? text;
}

/** The line where a step begins, counted from 1. Null: it is not there. */
export function lineOfStep(text: string, step: string): number | null {
  const id = JSON.stringify(step);
  const at = [`"id": ${id}`, `"id":${id}`].map((each) => text.indexOf(each)).find((each) => each >= 0);
  return at === undefined ? null : text.slice(0, at).split('\n').length;
}

/** The step at a line, counted from 1: the one whose id was written last before it. Null: there is none. */
export function stepAtLine(text: string, line: number): string | null {
  const lines = text.split('\n').slice(0, line);
  const ids = [...lines.join('\n').matchAll(/"id":\s*"((?:[^"\\]|\\.)*)"/g)];
  return ids.at(-1)?.[1] ?? null;
}
