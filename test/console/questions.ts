import type { Locator, Page } from 'playwright-core';
import type { Words } from '../../console/words/en.ts';

/** What somebody does, counted. */
export interface Hand {
  click: (what: Locator) => Promise<void>;
  /** Fills a field. */
  type: (what: Locator, text: string) => Promise<void>;
  /** A single key, which counts as neither. */
  press: (key: string) => Promise<void>;
}

export interface Question {
  /** As `docs/CONSOLE.md` asks it. */
  question: string;
  /** From the first page to the answer. */
  way: (hand: Hand, page: Page, words: Words) => Promise<void>;
  /** What has to be on the page then, each at least once. */
  answer: (page: Page, words: Words) => Locator[];
}

const paid = 'ORDER-1001';

/** Five questions of somebody who has never seen Kait, and the shortest way to each answer. */
export const questions: readonly Question[] = [
  {
    question: 'Was ORDER-1001 paid, and what became of it?',
    way: search(paid),
    answer: (page, { runs, endpoints }) => [
      page.locator('.chapter.event').getByText('payment.succeeded'),
      page.locator('.chapter.run').getByText(runs.states.completed),
      page.locator('.chapter.delivery').getByText(endpoints.deliveryStates.delivered),
    ],
  },
  {
    question: 'A subscription has changed. Why did that start nothing?',
    async way(hand, page, { events }) {
      await hand.click(page.getByRole('navigation').getByRole('link', { name: events.title, exact: true }));
      await hand.click(page.getByRole('link', { name: /^subscription\.updated/ }));
    },
    answer: (page, { events }) => [
      page.getByRole('region', { name: events.explained.title }).getByText(events.explained.because.type),
    ],
  },
  {
    question: 'What is stuck, and how does it go on?',
    async way(hand, page, { home, runs, parts, locale }) {
      const need = page.locator('.need').filter({ has: page.locator('[href="/runs?state=parked"]') });
      await hand.click(need.getByRole('link', { name: home.remedy.parkedRuns }));
      await hand.click(page.getByRole('link', { name: new RegExp(`pi_stuck_${locale}:`) }));
      await hand.click(page.getByRole('button', { name: runs.commands.retry, exact: true }));
      const dialog = page.getByRole('dialog', { name: runs.commands.retry });
      await hand.type(dialog.getByLabel(parts.reason), 'The goods have arrived');
      await hand.click(dialog.getByRole('button', { name: runs.commands.retry, exact: true }));
    },
    answer: (page, { runs }) => [
      page.getByText(runs.commands.retryDone),
      page.locator('.page-about .badge').getByText(runs.states.completed),
    ],
  },
  {
    question: 'Why are webhooks of Midtrans rejected?',
    async way(hand, page, { home }) {
      const need = page.getByRole('listitem').filter({ hasText: 'midtrans' });
      await hand.click(need.getByRole('link', { name: home.remedy.rejected }));
    },
    answer: (page) => [page.locator('main .note').getByText('The secret differs from the dashboard’s')],
  },
  {
    question: 'Did the system of our customer get order.created for ORDER-1001?',
    async way(hand, page) {
      await search(paid)(hand, page);
      await hand.click(page.locator('.chapter.delivery').getByRole('link', { name: 'order.created' }));
    },
    answer: (page) => [page.getByText('HTTP 200'), page.getByText('received')],
  },
];

function search(text: string) {
  return async (hand: Hand, page: Page): Promise<void> => {
    await hand.click(page.getByRole('searchbox'));
    await hand.type(page.getByRole('searchbox'), text);
    await hand.press('Enter');
  };
}
