import { expect, it } from 'vitest';
import { signingGateways } from '../../bench/verification/signing-gateways.ts';
import { loadPresets } from '../../server/gateway/presets.ts';
import { readEvents } from '../../server/gateway/read-events.ts';
import { createRequestView } from '../../server/gateway/request-view.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { presetsFolder, samplesFolder } from '../server/gateway/gateways.ts';

const presets = await loadPresets(presetsFolder);

it.each(signingGateways)('the bench sends another event of $name with each number', async (gateway) => {
  const { name, sample, numbered } = gateway;
  const { body, headers } = await findSample(samplesFolder, name, sample);
  const preset = presets.get(name)!;
  const idOf = (text: string) => {
    const request = { method: 'POST', url: `/in/${name}`, headers, body: Buffer.from(text) };
    const [read] = readEvents(preset, name, createRequestView(request, preset.body), new Date(0));
    return read!.event.id;
  };
  const ids = ['1', '2'].map((number) => idOf(body.replaceAll(numbered, number)));
  expect(new Set(ids).size).toBe(2);
});
