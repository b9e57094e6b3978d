import type { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import { flowCases, type CallOutcome, type FlowCase, type Seen } from './flow-cases.ts';
import { startTemporalHost, type Answer, type RecordedCall, type TemporalHost } from './temporal-host.ts';

/* The cases of `test/simulator/flow.test.ts` on a real server, where every task replays. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

function answerOf(outcome: CallOutcome): Answer {
  if ('value' in outcome) return outcome;
  const { error: type, ...rest } = outcome;
  return { error: { type, message: type, effect: 'none' }, ...rest };
}

async function seenOnServer({ definition, children = {}, calls = {}, expected }: FlowCase): Promise<Seen> {
  const answers = Object.fromEntries(Object.entries(calls).map(([key, outcome]) => [key, [answerOf(outcome)]]));
  const run = await host.start(definition, { children, answers });
  const end = await run.handle.result().catch((error: unknown) => failureText(error as WorkflowFailedError));
  const progress = await run.progress();
  return {
    end: end as Json,
    status: Object.fromEntries(Object.keys(expected.status).map((id) => [id, progress[id]?.status ?? 'unknown'])),
    calls: run.calls.map(callText),
  };
}

function failureText({ cause }: WorkflowFailedError): string {
  const { type, message } = cause as unknown as { type: string; message: string };
  return `${type}: ${message}`;
}

function callText({ activity, key, input }: RecordedCall): string {
  return activity === 'mail.send' && Object.keys(input).length > 0 ? `${key} ${JSON.stringify(input)}` : key;
}

it.concurrent.each(flowCases)('$it', async (each) => {
  expect(await seenOnServer(each)).toEqual(each.expected);
});
