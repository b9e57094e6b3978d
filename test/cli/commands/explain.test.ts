import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { explain } from '../../../cli/commands/explain.ts';
import { ownProject, pointsSource } from '../activities/own-project.ts';
import { faulty, folderOfEachTest, formatted, runCommand } from './shop-definition.ts';

const { put } = folderOfEachTest();

describe('kait explain', () => {
  it('writes the explanation, by the rules of this installation', async () => {
    const file = await put('a.json', formatted);
    const { code, text } = await runCommand((write) => explain({ file, json: false }, write));
    expect(code).toBe(0);
    expect(text).toContain('\n  6 events\n');
  });

  it('counts what the runs of the definitions beside it undo', async () => {
    const undo = { http: 'https://shop.example/release', method: 'POST' };
    const hold = { id: 'hold', http: 'https://shop.example/hold', method: 'POST', undo };
    await put('ship.json', JSON.stringify({ name: 'ship', on: 'run', steps: [hold] }));
    const steps = [
      { id: 'send', run: 'ship' },
      { id: 'bad', fail: 'no' },
    ];
    const file = await put('a.json', JSON.stringify({ name: 'shop', on: { event: 'payment.succeeded' }, steps }));
    const { text } = await runCommand((write) => explain({ file, json: false }, write));
    expect(text).toContain('\n  send fails: nothing is undone\n  bad fails: undoes send\n');
  });

  it('shows the kinds of the project’s activities, and its settings in this environment', async () => {
    const points = {
      name: 'points.python',
      taskQueue: 'points-python',
      input: { type: 'object', properties: {}, additionalProperties: false },
      output: { type: 'object', properties: {} },
    };
    const steps = [
      { id: 'a', call: 'points.add', with: { member: 'ana', points: { var: 'settings.points' } } },
      { id: 'b', call: 'points.python' },
      { id: 'c', http: '{{settings.shopUrl}}/paid' },
    ];
    const { definitions } = await ownProject({
      'activities/points.ts': pointsSource.replace("'network'", "'database'"),
      'activities/points.python.json': JSON.stringify(points),
      'definitions/settings.json':
        '{ "points": { "type": "integer", "default": 5 }, "shopUrl": { "type": "url", "default": "https://shop.example" } }',
      'definitions/workflows/a.json': JSON.stringify({ name: 'a', on: { event: 'payment.succeeded' }, steps }),
    });
    vi.stubEnv('KAIT_SETTING_POINTS', '7');
    onTestFinished(() => void vi.unstubAllEnvs());
    const file = join(definitions, 'workflows', 'a.json');
    const { text } = await runCommand((write) => explain({ file, json: false }, write));
    expect(text.split('\nNames\n')[1])
      .toBe(`  activities  points.add (database), points.python (task queue points-python)

Settings
  shopUrl = "https://shop.example", the default; KAIT_SETTING_SHOP_URL changes it
  points = 7, from KAIT_SETTING_POINTS`);
  });

  it('writes it as JSON', async () => {
    const file = await put('a.json', formatted);
    const { text } = await runCommand((write) => explain({ file, json: true }, write));
    expect(JSON.parse(text)).toMatchObject({ name: 'shop', history: { events: { min: 6, max: 6 } } });
  });

  it('ends with 1 if the definition has mistakes, and shows them', async () => {
    const file = await put('a.json', faulty);
    expect(await runCommand((write) => explain({ file, json: false }, write))).toMatchObject({
      code: 1,
      text: expect.stringContaining(`${file}:5:`),
    });
  });
});
