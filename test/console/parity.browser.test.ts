import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createAnswerer } from '../../console/pages/playground/worker/answer.ts';
import type { Bench, Question, Questions } from '../../console/pages/playground/worker/protocol.ts';
import { stepsOf } from '../../language/plan.ts';
import { packagePath } from '../../package-path.ts';
import { sampleEvents } from '../../server/gateway/sample-events.ts';
import { sampleInstant } from '../../simulator/complete-event.ts';
import { arbitraryDefinition } from '../definitions/arbitrary-definition.ts';
import { mocksOf } from '../definitions/mocks-of.ts';
import { shippedPresets } from '../server/gateway/gateways.ts';
import { hasBrowser, openConsole, writeDraft } from './browser.ts';
import { benchOf, definitionsIn, folders } from './shipped.ts';

/*
 * The browser runs the same code as Node, but its build follows promises in another way: see `build/build-console.ts`. So what it answers is compared.
 */

type Asked = Pick<Question, 'kind' | 'what'>;

const simulation = (text: string, more: Partial<Questions['simulate']> = {}): Asked => ({
  kind: 'simulate',
  what: { text, event: null, answers: '{}', later: '[]', ...more },
});

async function inNode(bench: Bench, asked: readonly Asked[]): Promise<unknown[]> {
  const answer = createAnswerer();
  await answer({ id: 0, kind: 'bench', what: bench });
  const answers: unknown[] = [];
  for (const [id, question] of asked.entries()) answers.push(await answer({ id, ...question }));
  return JSON.parse(JSON.stringify(answers)) as unknown[];
}

/** In a worker of the page's own file, under the page's policy. */
async function inBrowser(page: Page, bench: Bench, asked: readonly Asked[]): Promise<unknown[]> {
  const url = page.workers()[0]!.url();
  const questions = [{ kind: 'bench' as const, what: bench }, ...asked].map((each, id) => ({ id, ...each }));
  const replies = await page.evaluate(
    async ([url, given]) => {
      const worker = new Worker(url, { type: 'module' });
      const found: string[] = [];
      for (const question of JSON.parse(given) as unknown[]) {
        const reply = await new Promise<unknown>((resolve, reject) => {
          worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
          worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
          worker.postMessage(question);
        });
        found.push(JSON.stringify(reply));
      }
      worker.terminate();
      return found;
    },
    [url, JSON.stringify(questions)] as const,
  );
  return replies.slice(1).map((reply) => {
    const told = JSON.parse(reply) as { answer?: unknown; error?: string };
    return told.error ?? told.answer;
  });
}

async function openPlayground(): Promise<Page> {
  const { page, go } = await openConsole();
  await go('/playground', 'Playground');
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  return page;
}

/** One of each canonical type. */
async function samples(): Promise<unknown[]> {
  const presets = [...(await shippedPresets()).values()];
  const all = await Promise.all(
    presets.map((preset) => sampleEvents(preset, [packagePath('definitions', 'gateways', 'samples')], sampleInstant)),
  );
  return [...new Map(all.flat().map(({ type, event }) => [type, event])).values()];
}

const cancellations = ['+0s', '+90s', '+25h'].map((at) => JSON.stringify([{ at, cancel: true }]));

describe.runIf(hasBrowser())('the simulator in the browser', () => {
  it.each(Object.entries(folders))('does what it does in Node with the %s', async (_name, folder) => {
    const page = await openPlayground();
    const bench = await benchOf(folder);
    const events = await samples();
    const asked = await Promise.all(
      definitionsIn(folder).map(async ({ file, tests }): Promise<Asked[]> => {
        const text = await readFile(file, 'utf8');
        return [
          { kind: 'check', what: { text } },
          { kind: 'format', what: { text } },
          { kind: 'test', what: { text, tests: await readFile(tests, 'utf8') } },
          simulation(text),
          ...cancellations.map((later) => simulation(text, { later })),
          ...events.map((event) => simulation(text, { event })),
        ];
      }),
    );
    const expected = await inNode(bench, asked.flat());
    expect(expected.length).toBeGreaterThan(50);
    expect(await inBrowser(page, bench, asked.flat())).toEqual(expected);
  });

  it('does what it does in Node with races, cancellations inside of them, and generated definitions', async () => {
    const page = await openPlayground();
    const bench = await benchOf(folders.workflows);
    const generated = fc.sample(arbitraryDefinition, { numRuns: 80, seed: 20_261_128 }).flatMap((each) => {
      const text = JSON.stringify(each.definition);
      const called = stepsOf(each.definition).filter((step) => 'call' in step || 'http' in step);
      const mocks = Object.entries(mocksOf(each.answers)).filter(([id]) => called.some((step) => step.id === id));
      const answers = JSON.stringify(Object.fromEntries(mocks));
      return [simulation(text, { answers }), simulation(text, { answers, later: cancellations[1]! })];
    });
    const asked = [...generated, ...races.flatMap((race) => [simulation(race), simulation(race, { later: midway })])];
    const expected = await inNode(bench, asked);
    expect(expected.filter((each) => (each as { kind: string }).kind !== 'ran')).toEqual([]);
    expect(await inBrowser(page, bench, asked)).toEqual(expected);
  });

  it('stops a draft that takes too long, says so, and the page goes on meanwhile', async () => {
    const { page, complaints } = await openConsole();
    await page.clock.install();
    await page.goto('/playground');
    await page.getByRole('tab', { name: 'Simulation' }).click();
    await page.locator('.badge.ok').getByText('completed').first().waitFor();
    await writeDraft(page, slowDraft());
    await page.getByText('The checker finds nothing.').waitFor();
    const startedAt = performance.now();
    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.getByRole('list', { name: 'Graph' }).waitFor();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await page.getByRole('tab', { name: 'Simulation' }).click();
    const stopped = page.getByText('This took longer than 8 seconds and was stopped.');
    const laterIsStopped = async () => {
      await page.clock.fastForward('00:08');
      return stopped.isVisible();
    };
    await expect.poll(laterIsStopped, { interval: 500 }).toBe(true); // Its time begins when the check has ended.
    await writeDraft(
      page,
      '{ "name": "quick", "on": { "event": "payment.succeeded" }, "steps": [{ "id": "a", "wait": "3h" }] }',
    );
    await page.getByText('+0s → +3h').waitFor();
    expect(complaints).toEqual([]);
  });
});

const midway = JSON.stringify([{ at: '+30m', cancel: true }]);
const make = {
  ...{ id: 'make', call: 'orders.create', with: { reference: 'INV-1', amount: 5, currency: 'IDR' } },
  undo: { call: 'orders.cancel', with: { orderId: '{{steps.make.id}}' } },
};
const pause = (id: string, wait: string) => ({ id, wait });

/** The first wins, and the others are canceled and undone. */
const races = [
  [{ id: 'race', join: 'first', parallel: [pause('a', '1h'), pause('b', '2h')] }],
  [
    {
      ...{ id: 'race', join: 'first' },
      parallel: [
        { id: 'slow', do: [make, pause('long', '2d')] },
        { id: 'refund', waitFor: 'payment.refunded', timeout: '1h', onTimeout: 'continue' },
      ],
    },
    { id: 'after', set: { a: 1 } },
  ],
  [
    {
      ...{ id: 'outer', join: 'first' },
      parallel: [
        { id: 'inner', join: 'first', parallel: [pause('x', '3h'), pause('y', '1h')] },
        { id: 'each', forEach: { in: [1, 2, 3], as: 'n' }, do: [pause('w', '25m')] },
      ],
    },
  ],
  [
    {
      ...{ id: 'group', deadline: '1h', onTimeout: [{ id: 'late', set: { late: true } }] },
      do: [make, pause('long', '2h')],
    },
    { id: 'fails', fail: 'none left', type: 'OutOfStock' },
  ],
].map((steps) => JSON.stringify({ name: 'race', on: { event: 'payment.succeeded' }, steps }));

/** Fewer steps than the page allows, each of which takes about as long as it may. */
function slowDraft(): string {
  const numbers = Array.from({ length: 1_500 }, (_, index) => index);
  const sum = { reduce: [numbers, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] };
  const list = numbers.slice(0, 130);
  const inner = { id: 'inner', forEach: { in: list, as: 'b' }, do: [{ id: 'sum', set: { sum } }] };
  const steps = [{ id: 'outer', forEach: { in: list, as: 'a' }, do: [inner] }];
  return JSON.stringify({ name: 'slow', on: { event: 'payment.succeeded' }, steps });
}
