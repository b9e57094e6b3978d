import type { CanonicalEvent } from '../../language/event.ts';
import type { CompiledPreset } from './presets.ts';
import { readEvents } from './read-events.ts';
import { createRequestView } from './request-view.ts';
import { findSample, listSamples } from './sample-files.ts';

/** A sample of a gateway, as the receiver would store its first event. */
export interface SampleEvent {
  name: string;
  type: string;
  event: CanonicalEvent;
}

/** The events of all samples of a gateway. Samples without an event are left out. */
export async function sampleEvents(
  preset: CompiledPreset,
  folders: readonly string[],
  receivedAt: string,
): Promise<SampleEvent[]> {
  const names = await listSamples(folders, preset.name);
  const events = await Promise.all(names.map((name) => eventOfSample(preset, name, folders, receivedAt)));
  return names.flatMap((name, index) => {
    const event = events[index];
    return event === undefined ? [] : [{ name, type: event.type, event }];
  });
}

/** The first event of a sample. Undefined if it holds none. Throws KAIT_SAMPLE_UNKNOWN. */
export async function eventOfSample(
  preset: CompiledPreset,
  name: string,
  folders: readonly string[],
  receivedAt: string,
): Promise<CanonicalEvent | undefined> {
  const { headers, body, url } = await findSample(folders, preset.name, name);
  const request = { method: 'POST', url: `/in/${preset.name}${url}`, headers, body: Buffer.from(body) };
  const [read] = readEvents(preset, preset.name, createRequestView(request, preset.body), new Date(receivedAt));
  return read?.event;
}
