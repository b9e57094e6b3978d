import { readdirSync, readFileSync } from 'node:fs';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { pino } from 'pino';
import { beforeAll, expect, it } from 'vitest';
import { verbs } from '../../language/verbs.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { recordedCommands, type RecordedHistory } from './recorded-commands.ts';
import { bundleForReplay, replayHistory } from './replay-history.ts';

/* Every recorded history must replay. A failure here means that runs under way would break: see CONTRIBUTING. */

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

let bundle: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }));
  bundle = await bundleForReplay();
});

it.each(files)('%s replays, and every value comes out as it was recorded', async (file) => {
  const history = JSON.parse(read(file)) as RecordedHistory;
  const started = history.events[0]?.workflowExecutionStartedEventAttributes;
  const replayed = await replayHistory(bundle, history, started?.workflowId ?? '');
  expect(replayed).toEqual(recordedCommands(history));
});

it('has a history of every definition that comes with Kait', () => {
  const shipped = ['workflows', 'examples'].flatMap((part) =>
    readdirSync(new URL(`../../definitions/${part}`, import.meta.url)).filter((file) => !file.endsWith('.test.json')),
  );
  expect(files.filter((file) => file.startsWith('shipped-'))).toEqual(shipped.map((file) => `shipped-${file}`).sort());
});

it('has a history of every verb', () => {
  const recorded = files.map(read).join('');
  const inputs = [...recorded.matchAll(/"data":"([^"]+)"/g)].map(([, data]) => Buffer.from(data ?? '', 'base64').toString());
  const text = inputs.join('');
  expect(verbs.filter((verb) => !text.includes(`"${verb}":`))).toEqual([]);
});
