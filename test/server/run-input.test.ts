import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { prepareInput } from '../../server/run-input.ts';
import { sampleEvent } from './sample-event.ts';

const reads = (...texts: string[]): Definition => ({
  name: 'a',
  on: 'run',
  steps: texts.map((stop, index) => ({ id: `s${index}`, stop })),
});

function inputWith(data: Json, definition = reads('{{event.data}}')): RunInput {
  return { definition, definitionHash: 'hash', event: sampleEvent({ data }), localActivities: [] };
}

function prepared(input: RunInput) {
  const result = prepareInput(input);
  if ('refusal' in result) throw new Error(result.refusal);
  return { ...result, input: JSON.parse(result.json) as RunInput };
}

const remedy =
  'Let the definition refer only to the parts of event.data that it needs, since a run keeps nothing else of a large event';
const bytesWithout = Buffer.byteLength(JSON.stringify(inputWith('')));

it('leaves an input of 256 KiB as it is', () => {
  const unread = reads('{{event.id}}');
  const bytesAround = Buffer.byteLength(JSON.stringify(inputWith('', unread)));
  const input = inputWith('x'.repeat(262_144 - bytesAround), unread);
  expect(prepared(input).input).toEqual(input);
});

it('keeps of a larger one only what the run can read, and says what that is', () => {
  const data = { order: { id: 'A-1', note: 'n' }, lines: [{ sku: 'a' }, { sku: 'b' }], blob: 'x'.repeat(300_000) };
  const { input } = prepared(inputWith(data, reads('{{event.data.order.id}}', '{{event.data.lines.1.sku}}')));
  expect(input.event.data).toEqual({ order: { id: 'A-1' }, lines: [null, { sku: 'b' }] });
  expect(input.reduced).toEqual({ kept: ['event.data.lines.1.sku', 'event.data.order.id'] });
});

it('leaves a large input whose run reads all of it as it is', () => {
  const input = inputWith({ blob: 'x'.repeat(300_000) });
  expect(prepared(input).input).toEqual(input);
});

it('gives the digest of the JSON that the run is started with', () => {
  const { json, digest } = prepared(inputWith({ blob: 'x'.repeat(300_000) }, reads('{{event.id}}')));
  expect(digest).toBe(createHash('sha256').update(json).digest('hex'));
});

it.each([
  ['bytes, not characters', '€'.repeat(8_400_000), 25_200_000],
  ['escaped characters as JSON writes them', '\x01'.repeat(4_200_000), 25_200_000],
  ['quotes', '"'.repeat(12_600_000), 25_200_000],
])('counts %s', (_what, data, bytes) => {
  const size = bytesWithout + bytes;
  const refusal = `The run's input takes ${size} bytes as JSON, and at most 25165824 fit. ${remedy}`;
  expect(prepareInput(inputWith(data))).toEqual({ refusal });
});

it('accepts an input up to its limit and refuses one byte more, with both numbers and what to do', () => {
  const fits = 'x'.repeat(25_165_824 - bytesWithout);
  expect(prepared(inputWith(fits)).json).toHaveLength(25_165_824);
  const refusal = `The run's input takes 25165825 bytes as JSON, and at most 25165824 fit. ${remedy}`;
  expect(prepareInput(inputWith(`${fits}x`))).toEqual({ refusal });
});

function nested(levels: number): Json {
  let value: Json = 0;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

it('refuses an input that cannot be written as JSON', () => {
  const refusal = `The run's input takes more than can be written as JSON, and at most 25165824 fit. ${remedy}`;
  expect(prepareInput(inputWith(nested(100_000)))).toEqual({ refusal });
});

it('accepts one whose parts that the run reads can be written', () => {
  const data = { deep: nested(100_000), id: 'A-1' };
  const { input } = prepared(inputWith(data, reads('{{event.data.id}}')));
  expect(input.event.data).toEqual({ id: 'A-1' });
  expect(input.reduced).toEqual({ kept: ['event.data.id'] });
});

it.each([
  ['a long text', 'x'.repeat(26_000_000)],
  ['a long list', Array.from({ length: 26_000_000 }, () => 0)],
  [
    'many members',
    Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`${'m'.repeat(1_000)}${index}`, 0])),
  ],
  ['a long list of lists', Array.from({ length: 30_000 }, () => [['x'.repeat(1_000)]])],
])('refuses %s that the run reads without writing it as JSON', (_what, value) => {
  const stringify = vi.spyOn(JSON, 'stringify');
  const refusal = `The run's input takes more than 25165824 bytes as JSON, which are the most that fit. ${remedy}`;
  expect(prepareInput(inputWith({ value }))).toEqual({ refusal });
  expect(stringify).not.toHaveBeenCalled();
  stringify.mockRestore();
});

it('writes only the reduced input of a long event as JSON', () => {
  const data = { id: 'A-1', blob: 'x'.repeat(16_000_000) };
  const stringify = vi.spyOn(JSON, 'stringify');
  const { json } = prepared(inputWith(data, reads('{{event.data.id}}')));
  expect(stringify).toHaveBeenCalledOnce();
  expect(json.length).toBeLessThan(1_500);
  stringify.mockRestore();
});
