import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPresets, readPresets } from '../../../server/gateway/presets.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { presetsFolder } from './gateways.ts';

let own: string;
beforeEach(async () => {
  own = join(await temporaryFolder(), 'gateways');
  await mkdir(own);
});

const write = (name: string, preset: unknown) =>
  writeFile(join(own, `${name}.json`), typeof preset === 'string' ? preset : JSON.stringify(preset));
const presets = () => loadPresets([own, presetsFolder]);
const mistakeIn = async (name: string) => (await readPresets([own, presetsFolder])).faulty.get(name);

describe('a preset that extends another', () => {
  it('holds differences only: objects are merged, all else takes the place of what was there', async () => {
    await write('stripe', { extends: 'stripe', title: 'Stripe of the shop', setup: { where: 'the shop' } });
    const [shipped, merged] = [(await loadPresets(presetsFolder)).get('stripe'), (await presets()).get('stripe')];
    expect(merged?.declared).toEqual({
      ...shipped?.declared,
      title: 'Stripe of the shop',
      setup: { ...shipped?.declared.setup, where: 'the shop' },
    });
  });

  it('removes with null what was there', async () => {
    const before = (await presets()).get('stripe')?.declared;
    await write('stripe', { extends: 'stripe', docs: null });
    expect([before?.docs, (await presets()).get('stripe')?.declared.docs]).toEqual([expect.any(Array), undefined]);
  });

  it('may have a name of its own, beside what it extends', async () => {
    await write('shop', { extends: 'stripe', title: 'The shop’s Stripe' });
    const { stripe, shop } = Object.fromEntries(await presets());
    expect([stripe?.declared.title, shop?.declared.title]).toEqual(['Stripe', 'The shop’s Stripe']);
  });

  it('may extend one of the project, which may extend one of the package', async () => {
    await write('stripe', { extends: 'stripe', title: 'A' });
    await write('b', { extends: 'stripe', docs: [] });
    expect((await presets()).get('b')?.declared).toMatchObject({ title: 'A', docs: [] });
  });

  it.each([
    [
      'of a name that nobody has',
      'shop',
      { extends: 'strip' },
      /shop\.json:1:12 {2}extends: there is no gateway "strip"/,
    ],
    ['of its own name, which the package lacks', 'shop', { extends: 'shop' }, /extends: Kait has no preset "shop"/],
    ['that is no name', 'shop', { extends: 5 }, /extends: expected the name of a gateway/],
  ])('is refused if it is %s', async (_what, name, preset, mistake) => {
    await write(name, preset);
    expect(await mistakeIn(name)).toMatch(mistake);
  });

  it('is refused if it leads back to itself', async () => {
    await write('a', { extends: 'b' });
    await write('b', { extends: 'a' });
    expect(await mistakeIn('a')).toMatch(/extends: "[ab]" leads to too many presets, or back to this one/);
  });

  it('shows a mistake at the place that made it', async () => {
    await write('shop', '{\n  "extends": "stripe",\n  "setup": { "where": 5 }\n}');
    expect(await mistakeIn('shop')).toMatch(/shop\.json:3:23 {2}setup\.where/);
  });
});

describe('a preset of the project', () => {
  it('takes the place of the package’s one of its name, and the others stay', async () => {
    await write('xendit', { extends: 'stripe' });
    const all = await presets();
    expect([all.get('xendit')?.declared.title, all.get('midtrans')?.declared.title.slice(0, 8)]).toEqual([
      'Stripe',
      'Midtrans',
    ]);
  });

  it('is not replaced by the package’s one if it has a mistake', async () => {
    await write('stripe', '{');
    const { presets: sound } = await readPresets([own, presetsFolder]);
    expect([sound.has('stripe'), sound.has('xendit')]).toEqual([false, true]);
  });
});
