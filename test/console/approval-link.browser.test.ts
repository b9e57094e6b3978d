import { describe, expect, it } from 'vitest';
import { checkPage, consoleForTests, hasBrowser, openConsole } from './browser.ts';
import { mailedLink } from './mailed-link.ts';

describe.runIf(hasBrowser())('the page behind the link in a mail', () => {
  it.each([
    ['en', /^Accept the dispute of payment/],
    ['id', /^Accept the dispute of payment/],
  ] as const)('is readable in the language %s, in any window', async (language, question) => {
    await checkPage(await openConsole({ language, isLoggedIn: false }), await mailedLink(consoleForTests()), question);
  });

  it.each([
    ['en', 'Your answer', 'Approve', 'Reason (optional)', 'Send answer', 'The reason has at most'],
    ['id', 'Jawaban Anda', 'Setujui', 'Alasan (tidak wajib)', 'Kirim jawaban', 'Alasan paling banyak'],
  ] as const)(
    'says what is wrong with an answer, and keeps it, in the language %s',
    async (language, yours, approve, reason, send, wrong) => {
      const { page } = await openConsole({ language, isLoggedIn: false });
      await page.goto(await mailedLink(consoleForTests()));
      await page.getByRole('group', { name: yours }).getByLabel(approve).check();
      await page.getByLabel(reason).evaluate((field) => field.removeAttribute('maxlength'));
      await page.getByLabel(reason).fill('x'.repeat(2_001));
      await page.getByRole('button', { name: send }).click();
      await page.getByRole('alert').getByText(wrong).waitFor();
      expect(await page.getByLabel(approve).isChecked()).toBe(true);
      expect(await page.getByLabel(reason).inputValue()).toBe('x'.repeat(2_000));
    },
  );

  it.each([
    ['en', 'There is nothing to answer here'],
    ['id', 'Tidak ada yang perlu dijawab di sini'],
  ] as const)('says nothing about a link that was made up, in the language %s', async (language, told) => {
    const { page } = await openConsole({ language, isLoggedIn: false });
    await page.goto(`${consoleForTests().receiver}/approve/made.up`);
    await page.getByRole('heading', { name: told }).waitFor();
  });
});
