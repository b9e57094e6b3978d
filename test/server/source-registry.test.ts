import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mountSources } from '../../server/gateway/sources.ts';
import { createSourceRefresh, createSourceRegistry } from '../../server/source-registry.ts';
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

it('finds sources by name and by exact path', () => {
  const registry = createSourceRegistry(mounted(['toko'], ['/v1.0/debit/notify', '/toString']));

  expect(registry.find('toko')?.name).toBe('toko');
  expect(registry.findPath('/v1.0/debit/notify')?.name).toBe('toko');
  expect(registry.findPath('/toString')?.name).toBe('toko');
  expect(registry.find('Toko')).toBeUndefined();
  expect(registry.find('__proto__')).toBeUndefined();
  expect(registry.findPath('/v1.0/debit/notify/')).toBeUndefined();
  expect(registry.findPath('toko')).toBeUndefined();
});

it('forgets the names and paths of sources that are gone', () => {
  const registry = createSourceRegistry(mounted(['toko', 'cabang']));
  registry.replace(mounted(['kedai'], ['/new']));

  expect(registry.all().map(({ name }) => name)).toEqual(['kedai']);
  expect(registry.find('toko')).toBeUndefined();
  expect(registry.findPath('/new')?.name).toBe('kedai');

  registry.replace(mounted(['kedai']));
  expect(registry.findPath('/new')).toBeUndefined();
});

describe('the refresh', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The messages that the refresh logs for these outcomes, one after the other. */
  async function messagesOf(outcomes: (boolean | string)[]): Promise<string[]> {
    const messages: string[] = [];
    const write = (line: string) => messages.push((JSON.parse(line) as { msg: string }).msg);
    const left = [...outcomes];
    const refresh = createSourceRefresh({
      reload: () => {
        const outcome = left.shift() ?? false;
        return typeof outcome === 'string' ? Promise.reject(new Error(outcome)) : Promise.resolve(outcome);
      },
      usedBy: 'receiver',
      log: pino({}, { write }),
    });
    refresh.start();
    await vi.advanceTimersByTimeAsync(5_000 * outcomes.length);
    await refresh.stop();
    expect(left).toEqual([]);
    return messages;
  }

  it('logs each change of the sources, and nothing while they stay the same', async () => {
    expect(await messagesOf([false, true, false, true])).toEqual(['sources reloaded', 'sources reloaded']);
  });

  it('logs a problem once, and again after another one or after a success', async () => {
    const stays = 'sources not reloaded, the previous ones stay in use';
    expect(await messagesOf(['bad', 'bad', 'worse', 'bad'])).toEqual([stays, stays, stays]);
    expect(await messagesOf(['bad', false, 'bad'])).toEqual([stays, stays]);
  });
});
