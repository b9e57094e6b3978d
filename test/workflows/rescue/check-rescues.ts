import type fc from 'fast-check';
import { arbitraryHandling, arbitraryRescue, type GeneratedRescue } from './arbitrary-rescue.ts';
import { type Life, liveStraight, liveThrough } from './live-through.ts';

/** Two families of definitions, each with what a rescue promises of it. The promises broken, in words; none: all were kept. */
export const rescueProperties: { name: string; arbitrary: fc.Arbitrary<GeneratedRescue>; broken: Broken }[] = [
  { name: 'without handlers', arbitrary: arbitraryRescue, broken: brokenWithout },
  { name: 'with handlers', arbitrary: arbitraryHandling, broken: brokenWith },
];

type Broken = (generated: GeneratedRescue) => Promise<string[]>;

/** It comes to the same as if nothing had failed. */
async function brokenWithout(generated: GeneratedRescue): Promise<string[]> {
  const straight = await liveStraight(generated.definition);
  const life = await liveThrough(generated);
  const same = (name: string, got: unknown, wanted: unknown) => {
    const [one, other] = [JSON.stringify(got), JSON.stringify(wanted)];
    return one === other ? [] : [`${name}: ${one} instead of ${other}`];
  };
  return [
    ...contradictions(life),
    ...same('status', life.status, 'completed'),
    ...same('output', life.output, straight.output),
    ...same('effects', life.stands, straight.stands),
  ];
}

/** Decisions that a failure brought about stand, so only the effects can be judged. */
async function brokenWith(generated: GeneratedRescue): Promise<string[]> {
  const life = await liveThrough(generated);
  const keys = life.stands.map(([key]) => key);
  return [
    ...contradictions(life),
    ...(life.status === 'completed' ? [] : [`status: ${life.status} ${life.error?.message ?? ''}`]),
    ...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `stands twice: ${key}`),
  ];
}

function contradictions({ stale, repeated, lost }: Life): string[] {
  return [
    ...repeated.map((key) => `asked for again: ${key}`),
    ...stale.map((key) => `names what was undone: ${key}`),
    ...lost.map((key) => `done, but undone: ${key}`),
  ];
}
