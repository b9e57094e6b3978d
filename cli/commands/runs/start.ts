import { existsSync } from 'node:fs';
import { KaitError } from '../../../errors.ts';
import { isObject, type Json, type JsonObject } from '../../../language/json.ts';
import { parseJson } from '../../../language/parse-json.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import { readText } from '../../definition-files.ts';
import { whoAmI } from '../../who-am-i.ts';

export interface StartRunOptions {
  /** JSON, or the path of a file with JSON. Default: an empty object. */
  input?: string;
  /** Makes repeated requests one run. */
  key?: string;
  reason: string;
}

/** `kait runs start`: starts a run of a definition with `"on": {"manual": …}`. */
export async function startRun(
  api: ApiClient,
  definition: string,
  { input = '{}', key, reason }: StartRunOptions,
): Promise<string> {
  const body = { input: await readInput(input), reason, by: whoAmI(), ...(key !== undefined && { key }) };
  const asked = api.POST('/definitions/{definition}/runs', { params: { path: { definition } }, body });
  const { run, repeated, eventId } = await answerOf(asked);
  if (repeated) return `Nothing new was started: a request with this key has started ${run} before.`;
  return `Started ${run}.\nIts event: kait/${eventId}`;
}

/** Numbers that JavaScript cannot hold are refused, as in definitions. */
async function readInput(given: string): Promise<JsonObject> {
  const isJson = /^\s*[[{"]/.test(given);
  if (!isJson && !existsSync(given)) {
    throw new KaitError('KAIT_USAGE', `Expected --input <JSON or file>, got ${given}, which is neither.`);
  }
  const text = isJson ? given : await readText(given);
  const where = isJson ? 'The input' : given;
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new KaitError(
      'KAIT_USAGE',
      `${where} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isObject(value)) throw new KaitError('KAIT_USAGE', `${where} must be an object, such as {"orderId": "INV-7"}.`);
  return value;
}
