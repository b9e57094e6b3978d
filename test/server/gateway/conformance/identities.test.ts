import { expect, it } from 'vitest';
import type { JsonObject } from '../../../../language/json.ts';
import type { CompiledPreset } from '../../../../server/gateway/presets.ts';
import type { ReadEvent } from '../../../../server/gateway/read-events.ts';
import { nowMs, readInbound, requestWith, shippedPresets, shop } from '../gateways.ts';
import { jsonEdits } from './edits.ts';
import { fetchedAnswers } from './fetched-answers.ts';
import { identityBreaches } from './identity-breaches.ts';
import { signedSamples } from './signed-samples.ts';

/*
 * One fact has one id. Whoever has seen a genuine request can send it again with everything changed that is not signed. Nothing of that may
 * become another event: its id stays, or the request is rejected, or `confirm` finds the difference.
 */

const presets = await shippedPresets();
const samples = await signedSamples();

/** Where nothing is signed and nobody can be asked, whoever knows the secret is believed. The preset says so. */
const believed = [...presets.values()].filter(({ declared }) => declared.event.unsignedId !== undefined);

const kept = [...presets.keys()].filter((name) => believed.every((each) => each.name !== name));

it('believes unsigned ids of one preset only', () => {
  expect(believed.map(({ name }) => name)).toEqual(['basic_auth']);
});

it.each(kept)('nothing unsigned makes another event of a webhook of %s', async (name) => {
  expect(await breachesOf(name)).toEqual({});
});

/** What was wrong, by the sample or the answer. */
async function breachesOf(name: string): Promise<Record<string, string[]>> {
  const own = samples.filter(({ preset }) => preset.name === name);
  const breaches = await Promise.all(
    own.map(async (sample) => [sample.title, await identityBreaches(sample)] as const),
  );
  const answers = Object.entries(fetchedAnswers[name]?.answers ?? {});
  const ofAnswers = answers.map(([about, answer]) => [about, answerBreaches(presets.get(name)!, answer)] as const);
  return Object.fromEntries([...breaches, ...ofAnswers].filter(([, each]) => each.length > 0));
}

/** The parts of an answer without which it becomes another event of the same type. Nobody can change answers, but details may be missing. */
function answerBreaches(preset: CompiledPreset, answer: JsonObject): string[] {
  const text = JSON.stringify(answer);
  const told = readAnswer(preset, text);
  const partial = jsonEdits(text, new Map()).filter((edit) => edit.isLeftOut);
  const others = partial.filter((edit) => {
    const { event, unreadable } = readAnswer(preset, edit.text);
    return unreadable === null && event.type === told.event.type && event.id !== told.event.id;
  });
  return others.map((edit) => `${edit.name}: another id`);
}

function readAnswer(preset: CompiledPreset, body: string): ReadEvent {
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body });
  return readInbound(preset, shop, request, new Date(nowMs))[0]!;
}
