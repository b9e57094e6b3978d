import { expect, it } from 'vitest';
import { mountAvailable } from '../../../server/gateway/available-sources.ts';
import { createSourceRegistry } from '../../../server/source-registry.ts';
import { presetWith } from './gateways.ts';

const secret = (name: string) => (name === 'SET' ? 'whsec_of_the_tests' : undefined);

function mount(file: object | string, faulty: [string, string][] = []) {
  return mountAvailable({
    presets: new Map([['stripe', presetWith({})]]),
    faultyPresets: new Map(faulty),
    sourcesText: typeof file === 'string' ? file : JSON.stringify(file),
    file: 'sources.json',
    lookupSecret: secret,
    publicUrl: 'https://x.example',
  });
}

const sound = { gateway: 'stripe', secrets: ['SET'] };

it('mounts every source that can be mounted, and says of each other one why it cannot', () => {
  const { sources, unavailable } = mount(
    {
      sound,
      unset: { gateway: 'stripe', secrets: ['UNSET'], paths: ['/notify'] },
      misspelt: { gateway: 'strip', secrets: ['SET'] },
      broken: { gateway: 'xendit', secrets: ['SET'] },
      twin: { ...sound, paths: ['/twice'] },
      second: { ...sound, paths: ['/twice'] },
    },
    [['xendit', 'xendit.json:2:3  title: expected a text']],
  );
  expect([...sources.keys()]).toEqual(['sound', 'twin']);
  expect(unavailable).toEqual([
    {
      ...{ name: 'misspelt', paths: [] },
      problem: expect.stringContaining('sources.json: misspelt.gateway: unknown preset "strip".'),
    },
    {
      ...{ name: 'broken', paths: [] },
      problem: 'Its preset has a mistake.\nxendit.json:2:3  title: expected a text',
    },
    {
      ...{ name: 'second', paths: ['/twice'] },
      problem: 'sources.json: second.paths.0: /twice already belongs to "twin"',
    },
    { name: 'unset', paths: ['/notify'], problem: 'Missing or empty in the environment: UNSET.' },
  ]);
});

it('rejects a file that is no JSON object', () => {
  expect(() => mount('{ "a": ')).toThrow(expect.objectContaining({ code: 'KAIT_SOURCES_INVALID' }));
});

it.each([
  ['/in/unset', true],
  ['/in/unset/a-secret', true],
  ['/notify', true],
  ['/in/unset2', false],
  ['/in/sound', false],
])('knows if a source that is not mounted may belong at %s: %s', (path, expected) => {
  const unavailable = [{ name: 'unset', paths: ['/notify'], problem: '' }];
  expect(createSourceRegistry(new Map(), unavailable).mayBelongAt(path)).toBe(expected);
});

it('takes every path for that of a source if the file cannot be read', () => {
  const registry = createSourceRegistry(new Map(), 'all');
  expect([registry.mayBelongAt('/anything'), registry.awaitedFor('stripe'), registry.awaited()]).toEqual([
    ...[true, 'sources.json'],
    ['sources.json'],
  ]);
});
