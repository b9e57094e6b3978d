import { KaitError } from '../../../errors.ts';
import { isObject } from '../../../language/json.ts';
import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import { readJsonOption } from '../../read-json-option.ts';
import { whoAmI } from '../../who-am-i.ts';

const said = (reason: string) => ({ reason, by: whoAmI(), via: 'cli' as const });

/** `kait runs pause`, `resume`, `cancel` and `terminate`. */
export async function commandRun(
  api: ApiClient,
  verb: 'pause' | 'resume' | 'cancel' | 'terminate',
  run: string,
  reason: string,
): Promise<string> {
  await answerOf(api.POST(`/runs/{run}/${verb}`, { params: { path: { run } }, body: said(reason) }));
  const now = {
    pause: 'starts no further step until it is resumed',
    resume: 'goes on',
    cancel: 'is being canceled, and undoes what it did if its definition says so',
    terminate: 'is terminated. Nothing was undone',
  };
  return `${printable(run)} ${now[verb]}.`;
}

/** `kait runs retry <run> <step>` and `kait runs skip`. */
export async function commandStep(
  api: ApiClient,
  verb: 'retry' | 'skip',
  { run, step, reason }: { run: string; step: string; reason: string },
): Promise<string> {
  const params = { path: { run, step } };
  await answerOf(api.POST(`/runs/{run}/steps/{step}/${verb}`, { params, body: said(reason) }));
  return `Step ${printable(step)} of ${printable(run)} ${verb === 'retry' ? 'is tried again' : 'is skipped'}.`;
}

/** `kait runs set-result`: the step counts as done. */
export async function setResult(
  api: ApiClient,
  { run, step, result, reason }: { run: string; step: string; result: string; reason: string },
): Promise<string> {
  const body = { ...said(reason), result: await readJsonOption('result', result) };
  await answerOf(api.POST('/runs/{run}/steps/{step}/set-result', { params: { path: { run, step } }, body }));
  return `Step ${printable(step)} of ${printable(run)} is done with this result.`;
}

/** `kait runs edit-input`: the step is tried again. */
export async function editInput(
  api: ApiClient,
  { run, step, input, reason }: { run: string; step: string; input: string; reason: string },
): Promise<string> {
  const given = await readJsonOption('input', input);
  if (!isObject(given)) throw new KaitError('KAIT_USAGE', '--input must be an object: the whole input of the step.');
  const body = { ...said(reason), input: given };
  const asked = api.POST('/runs/{run}/steps/{step}/edit-input', { params: { path: { run, step } }, body });
  const { checked } = await answerOf(asked);
  const unchecked = checked
    ? ''
    : ' The server does not know what its activity takes, so the input was not checked: the step fails if it does not fit.';
  return `Step ${printable(step)} of ${printable(run)} is tried again with this input.${unchecked}`;
}
