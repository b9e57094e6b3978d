import { beforeAll, describe, expect, it } from 'vitest';
import { answerOf, type ApiClient, apiClient } from '../../cli/api-client.ts';
import { checkPage, consoleForTests, hasBrowser, openConsole, settled } from './browser.ts';

const given: { api?: ApiClient; acme: string; globex: string; delivery: string } = {
  ...{ acme: '', globex: '', delivery: '' },
};

async function linkFor(tenant: string): Promise<string> {
  const { url } = await answerOf(given.api!.POST('/portal-links', { body: { tenant } }));
  return url.replace(/^https?:\/\/[^/]+/, '');
}

describe.runIf(hasBrowser())('the portal of a tenant', () => {
  beforeAll(async () => {
    const { url, token, shop } = consoleForTests();
    const api = apiClient({ url, token });
    const add = async (tenant: string) => {
      const body = { url: `${shop}/of-${tenant}`, patterns: ['*'], tenant };
      return (await answerOf(api.POST('/endpoints', { body }))).id;
    };
    const [acme, globex] = [await add('acme'), await add('globex')];
    const params = { path: { endpoint: globex } };
    const { delivery } = await answerOf(api.POST('/endpoints/{endpoint}/test', { params, body: {} }));
    Object.assign(given, { api, acme, globex, delivery });
  });

  it('has what is its own, under the operator’s name, and the token no longer in its address', async () => {
    const { page, complaints } = await openConsole({ isLoggedIn: false });
    await page.goto(await linkFor('acme'));
    await page.getByRole('heading', { level: 1, name: 'Endpoints' }).waitFor();
    await settled(page);
    expect(new URL(page.url()).hash).toBe('');
    await page.getByText('North webhooks').waitFor();
    expect(await page.locator('main tbody tr').count()).toBe(1);
    await page.getByText('/of-acme').first().click();
    await page.getByRole('heading', { level: 1, name: /of-acme$/ }).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.locator('dialog[open]').getByText('Delivered').waitFor();
    expect(complaints).toEqual([]);
  });

  it('knows nothing of another tenant, nor of the operator', async () => {
    const { page } = await openConsole({ isLoggedIn: false });
    await page.goto(await linkFor('acme'));
    await page.getByRole('heading', { level: 1, name: 'Endpoints' }).waitFor();
    for (const path of [`/portal/endpoints/${given.globex}`, `/portal/deliveries/${given.delivery}`]) {
      await page.goto(path);
      await page.getByText('not-found').waitFor();
    }
    await page.goto('/portal/deliveries');
    await settled(page);
    expect(await page.getByText('of-globex').count()).toBe(0);
    await page.goto('/portal/runs');
    await page.getByRole('heading', { level: 1, name: 'Endpoints' }).waitFor();
  });

  it('is readable with any accent', async () => {
    const console = await openConsole({ isLoggedIn: false });
    await console.page.goto(await linkFor('acme'));
    await settled(console.page);
    await checkPage(console, '/portal/endpoints', 'Endpoints');
    await checkPage(console, `/portal/endpoints/${given.acme}`, /of-acme$/);
    await checkPage(console, '/portal/event-types', 'Event types');
  });

  it.each([
    ['en', 'This link no longer works'],
    ['id', 'Tautan ini tidak berlaku lagi'],
  ] as const)('opens nothing without a link, in the language %s', async (language, told) => {
    const { page } = await openConsole({ isLoggedIn: false, language });
    await page.goto('/portal#kaitp_made.up');
    await page.getByRole('heading', { name: told }).waitFor();
  });

  it('may be shown in a frame by the sites that are allowed, and the console by none', async () => {
    const { url } = consoleForTests();
    const policyOf = async (path: string) => (await fetch(url + path)).headers.get('content-security-policy') ?? '';
    expect(await policyOf('/portal/endpoints')).toContain('frame-ancestors https://app.north.example;');
    expect(await policyOf('/portals')).toContain(`frame-ancestors 'none'`);
    expect(await policyOf('/endpoints')).toContain(`frame-ancestors 'none'`);
  });
});
