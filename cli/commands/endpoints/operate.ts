import { printable } from '../../../language/printable.ts';
import { answerOf, type ApiClient, ApiRefusal } from '../../api-client.ts';
import { whoAmI } from '../../who-am-i.ts';
import { ifMatch, type IfVersion, unlessChanged } from './if-version.ts';

/** `kait endpoints pause` and `resume`. */
export async function setEndpointState(
  api: ApiClient,
  id: string,
  verb: 'pause' | 'resume',
  expected: IfVersion = {},
): Promise<string> {
  const request = { params: { path: { endpoint: id }, ...ifMatch(expected) }, body: { by: whoAmI() } };
  if (verb === 'pause') {
    await unlessChanged(id, answerOf(api.POST('/endpoints/{endpoint}/pause', request)));
    return `Paused ${printable(id)}. Its deliveries are parked until "kait endpoints resume ${printable(id)}".`;
  }
  await unlessChanged(id, answerOf(api.POST('/endpoints/{endpoint}/resume', request)));
  return `Resumed ${printable(id)}. What was parked is sent first.`;
}

/** `kait endpoints remove`: removes an endpoint and ends its unfinished deliveries. */
export async function removeEndpoint(api: ApiClient, id: string, expected: IfVersion = {}): Promise<string> {
  const params = { path: { endpoint: id }, ...ifMatch(expected) };
  try {
    await unlessChanged(id, answerOf(api.DELETE('/endpoints/{endpoint}', { params })));
    return `Removed ${printable(id)}. Its unfinished deliveries have ended as refused.`;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return `There is no endpoint ${printable(id)}.`;
    throw error;
  }
}

/** `kait endpoints test`: sends `kait.test` to it, and shows what came of it. */
export async function testEndpoint(api: ApiClient, id: string): Promise<{ text: string; delivered: boolean }> {
  const request = { params: { path: { endpoint: id } }, body: { by: whoAmI() } };
  const { delivery, messageId, state, reason, attempt } = await answerOf(
    api.POST('/endpoints/{endpoint}/test', request),
  );
  const what = `kait.test (${messageId})`;
  const delivered = state === 'delivered';
  if (attempt === null) {
    const isOver = state === 'parked' || state === 'refused';
    const why = isOver
      ? `It is ${state}${reason === null ? '' : `: ${printable(reason)}`}`
      : 'No worker has sent it yet';
    return { text: `Sent nothing within 25 s: ${what}. ${why}. The delivery is ${delivery}.`, delivered };
  }
  const { status, error, durationMs, timings } = attempt;
  const answer = delivered
    ? `was accepted with HTTP ${status ?? ''}`
    : `failed: ${printable(error ?? `HTTP ${status ?? ''}`)}`;
  const parts = timingNames.flatMap(([name, shown]) => {
    const ms = timings?.[name];
    return ms === undefined ? [] : [`${shown} ${Math.round(ms)} ms`];
  });
  const took = [...(durationMs === null ? [] : [`${durationMs} ms`]), ...parts].join(', ');
  return { text: `${what} ${answer}${took === '' ? '' : `\n${took}`}`, delivered };
}

const timingNames = [
  ['dnsMs', 'DNS'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
] as const;
