import { expect, it } from 'vitest';
import { mountSources } from '../../server/gateway/sources.ts';
import { createSourceRegistry } from '../../server/source-registry.ts';
import { presetWith } from './gateway/gateways.ts';

const presets = new Map([['acme', presetWith({})]]);

function mounted(names: string[], paths: string[] = []) {
  const entry = { gateway: 'acme', secrets: ['ONE'], paths };
  return mountSources({
    presets,
    sourcesText: JSON.stringify(Object.fromEntries(names.map((name) => [name, entry]))),
    file: 'sources.json',
    lookupSecret: (name) => `value of ${name}`,
    publicUrl: 'https://hooks.example.id',
  });
}

it('finds sources by their names and by exactly their paths', () => {
  const registry = createSourceRegistry(mounted(['toko'], ['/v1.0/debit/notify', '/toString']));

  expect(registry.find('toko')?.name).toBe('toko');
  expect(registry.findPath('/v1.0/debit/notify')?.name).toBe('toko');
  expect(registry.findPath('/toString')?.name).toBe('toko');
  expect(registry.find('Toko')).toBeUndefined();
  expect(registry.find('__proto__')).toBeUndefined();
  expect(registry.findPath('/v1.0/debit/notify/')).toBeUndefined();
  expect(registry.findPath('toko')).toBeUndefined();
});

it('forgets what it is no longer told, names and paths alike', () => {
  const registry = createSourceRegistry(mounted(['toko', 'cabang']));
  registry.replace(mounted(['kedai'], ['/new']));

  expect(registry.all().map(({ name }) => name)).toEqual(['kedai']);
  expect(registry.find('toko')).toBeUndefined();
  expect(registry.findPath('/new')?.name).toBe('kedai');

  registry.replace(mounted(['kedai']));
  expect(registry.findPath('/new')).toBeUndefined();
});
