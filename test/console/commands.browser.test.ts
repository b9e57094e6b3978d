import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser, openConsole } from './browser.ts';
import { startRun } from './start-run.ts';

const pathOf = (run: string) => `/runs/${encodeURIComponent(run)}`;

/** Opens the dialog of a command, and carries it out. */
async function command(
  page: Page,
  button: string,
  { reason = 'Reason', says, fill = () => Promise.resolve() }: Given,
): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: button });
  await dialog.getByText(says).waitFor();
  await fill(dialog);
  await dialog.getByLabel(reason, { exact: true }).fill('as the test wants');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

interface Given {
  /** The label of the reason. */
  reason?: string;
  /** What will happen. */
  says: string | RegExp;
  fill?: (dialog: Locator) => Promise<void>;
}

async function untilState(page: Page, state: string): Promise<void> {
  await page.locator('.page-about .badge').getByText(state, { exact: true }).waitFor();
}

async function choose(page: Page, step: string): Promise<void> {
  await page.locator('.waterfall').getByRole('button', { name: step }).click();
  await page.getByRole('heading', { level: 2, name: step }).waitFor();
}

describe.runIf(hasBrowser())('the commands to a run', () => {
  it.each([
    ['en', 'Skip', 'Reason', 'goes on without this step', 'The wait ends', 'waiting', 'completed', 'What came back'],
    [
      'id',
      'Lewati',
      'Alasan',
      'berlanjut tanpa langkah ini',
      'Penantian berakhir',
      'menunggu',
      'selesai',
      'Jawabannya',
    ],
  ] as const)(
    'skip a parked step and a wait, and tell the refund in the story, in the language %s',
    async (language, skip, reason, skips, ends, waiting, completed, answered) => {
      const run = await startRun('deliver-by-hand', { to: 'nowhere' }, 'parked');
      const { page, complaints } = await openConsole({ language });
      await page.goto(pathOf(run));
      await command(page, skip, { reason, says: skips });
      await untilState(page, waiting);
      await choose(page, 'Wait until it has arrived');
      await command(page, skip, { reason, says: ends });
      await untilState(page, completed);
      await page.goto(`/find?q=${encodeURIComponent(run)}`);
      const refund = page.locator('.chapter.refund');
      await refund.getByText('Say that it was refunded').waitFor();
      await refund.locator('summary').click();
      await refund.getByRole('heading', { name: answered }).waitFor();
      await refund.getByText('refunded:').first().waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('edit the input of a parked step, which is tried again with it', async () => {
    const run = await startRun('deliver-by-hand', { to: 'nowhere' }, 'parked');
    const { page } = await openConsole();
    await page.goto(pathOf(run));
    await command(page, 'Edit the input', {
      says: 'starts again with this input',
      fill: async (dialog) => {
        const field = dialog.getByLabel('Input, as JSON');
        const text = await field.inputValue();
        expect(text).toContain('nowhere');
        await field.fill(text.replace('nowhere', 'Bandung'));
      },
    });
    await untilState(page, 'waiting');
    await choose(page, 'Hand it to the courier');
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByRole('tabpanel').getByText('Bandung').first().waitFor();
  });

  it('set the result of a step, and terminate the run, which undoes nothing', async () => {
    const run = await startRun('deliver-by-hand', { to: 'nowhere' }, 'parked');
    const { page } = await openConsole();
    await page.goto(pathOf(run));
    await command(page, 'Set the result', {
      says: 'becomes the step’s output',
      fill: (dialog) => dialog.getByLabel('Result, as JSON').fill('{"body": {"courier": "a friend"}}'),
    });
    await untilState(page, 'waiting');
    await command(page, 'Terminate', { says: 'nothing is undone' });
    await untilState(page, 'terminated');
    await choose(page, 'Create the order');
    expect(await page.getByText('Undone', { exact: true }).count()).toBe(0);
    const audit = page.getByRole('region', { name: 'What people did' });
    expect(await audit.getByText('as the test wants').count()).toBe(2);
  });

  it('cancel a run, which undoes its order, and retry it, with what is done again', async () => {
    const run = await startRun('deliver-by-hand', { to: 'nowhere' }, 'parked');
    const { page } = await openConsole();
    await page.goto(pathOf(run));
    await command(page, 'Cancel the run', { says: 'undoes what it did' });
    await untilState(page, 'canceled');
    await choose(page, 'Create the order');
    await page.locator('.facts', { hasText: 'Undone' }).getByText('yes', { exact: true }).waitFor();
    await command(page, 'Retry the run', {
      says: 'Steps that were undone are done again.',
      fill: async (dialog) => {
        await dialog.locator('.facts div', { hasText: 'Was undone, and is done again' }).getByText('order').waitFor();
        await dialog.locator('.facts div', { hasText: 'Begins again' }).getByText('ship').waitFor();
      },
    });
    await page.getByRole('link', { name: 'deliver-by-hand (1)' }).click();
    await untilState(page, 'parked');
  });

  it('have a waiting run take the current definition, once it is known that it can', async () => {
    const { page } = await openConsole();
    await page.goto('/runs?definition=renew');
    await page.locator('main [data-row]').first().click();
    await page.getByText('The definition has changed since this run took it.').waitFor();
    await page.getByRole('list', { name: 'Graph' }).getByRole('button', { name: 'Wait for a month' }).waitFor();
    expect(await page.getByRole('button', { name: /Say thank you/ }).count()).toBe(0);
    await command(page, 'Take the current definition', {
      says: 'The run can take it now.',
    });
    await page.getByText('It runs the definition that is served now.').waitFor();
    await page.getByRole('list', { name: 'Graph' }).getByRole('button', { name: 'Say thank you' }).waitFor();
  });

  it('run an event again, with all of its effects', async () => {
    const run = await startRun('deliver-by-hand', { to: 'Bandung' }, 'waiting');
    const { page } = await openConsole();
    await page.goto(pathOf(run));
    await page.locator('.facts a[href^="/events/"]').click();
    await command(page, 'Run again', { says: 'happen a second time' });
    await page.getByText('Runs to be started: 1.').waitFor();
    await page
      .getByRole('link', { name: /^deliver-by-hand/ })
      .nth(1)
      .waitFor();
  });
});

describe.runIf(hasBrowser())('a run of 2,000 steps', () => {
  it('is shown whole, in the graph and the waterfall, and each step leads to its panel', async () => {
    const run = await startRun('long', {}, 'completed');
    const { page, complaints } = await openConsole({ width: 1440 });
    await page.goto(pathOf(run));
    const rows = page.getByRole('list', { name: 'Waterfall' }).getByRole('button');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(500);
    await rows.first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Step 499 (s499)' }).waitFor();
    const nodes = page.getByRole('list', { name: 'Graph' }).getByRole('button');
    await nodes.first().waitFor();
    expect(await nodes.count()).toBe(549); // 49 of them are conditions.
    // What is chosen in one is shown in the other.
    await page.locator('.graph-node.selected').getByText('s499: Step 499').waitFor();
    await nodes.filter({ hasText: 's250' }).first().dispatchEvent('click');
    await page.getByRole('heading', { level: 2, name: 'Step 250 (s250)' }).waitFor();
    await page.getByText('4 of 4', { exact: true }).first().waitFor();
    expect(complaints).toEqual([]);
  });
});
