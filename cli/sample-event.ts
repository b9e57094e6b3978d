import { join } from 'node:path';
import { KaitError } from '../errors.ts';
import type { CanonicalEvent } from '../language/event.ts';
import { loadPresets } from '../server/gateway/presets.ts';
import { readEvents } from '../server/gateway/read-events.ts';
import { createRequestView } from '../server/gateway/request-view.ts';
import { findSample } from '../server/gateway/sample-files.ts';
import { samplesFolderOf } from './commands/send.ts';

/**
 * The event of a gateway's sample, `stripe/payment_intent.succeeded`, as the receiver would store it. The source is called as the
 * gateway. `definitions` is the folder with presets and samples. Throws KAIT_USAGE and KAIT_SAMPLE_UNKNOWN, which say what there is.
 */
export async function sampleEvent(name: string, definitions: string, receivedAt: string): Promise<CanonicalEvent> {
  const [gateway = '', ...rest] = name.split('/');
  const presets = await loadPresets(join(definitions, 'gateways'));
  const preset = presets.get(gateway);
  if (preset === undefined || rest.length === 0) {
    const gateways = [...presets.keys()].join(', ');
    throw new KaitError('KAIT_USAGE', `Expected --sample <gateway>/<sample>, came ${name}. Gateways: ${gateways}.`);
  }
  const { headers, body, url } = await findSample(samplesFolderOf(definitions), gateway, rest.join('/'));
  const request = { method: 'POST', url: `/in/${gateway}${url}`, headers, body: Buffer.from(body) };
  const [read] = readEvents(preset, gateway, createRequestView(request, preset.body), new Date(receivedAt));
  if (read === undefined) throw new KaitError('KAIT_SAMPLE_UNKNOWN', `The sample ${name} holds no event.`);
  return read.event;
}
