import { existsSync } from 'node:fs';
import { KaitError } from '../errors.ts';
import type { Json } from '../language/json.ts';
import { parseJson } from '../language/parse-json.ts';
import { readText } from './definition-files.ts';

/** The value of an option that is JSON, or the path of a file with JSON. Numbers that JavaScript cannot hold are refused, as in definitions. */
export async function readJsonOption(option: string, given: string): Promise<Json> {
  const isJson = /^\s*(?:[[{"\d-]|true\b|false\b|null\b)/.test(given) && !existsSync(given);
  if (!isJson && !existsSync(given)) {
    throw new KaitError('KAIT_USAGE', `Expected --${option} <JSON or file>, got ${given}, which is neither.`);
  }
  const where = isJson ? `--${option}` : given;
  const text = isJson ? given : await readText(given);
  try {
    return parseJson(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KaitError('KAIT_USAGE', `${where} is not JSON: ${why}`);
  }
}
