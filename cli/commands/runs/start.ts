import { KaitError } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../language/json.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import { readJsonOption } from '../../read-json-option.ts';
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

async function readInput(given: string): Promise<JsonObject> {
  const value = await readJsonOption('input', given);
  if (!isObject(value)) throw new KaitError('KAIT_USAGE', '--input must be an object, such as {"orderId": "INV-7"}.');
  return value;
}
