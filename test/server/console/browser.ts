import type { FastifyInstance } from 'fastify';

/** What a browser asks. */
interface Opened {
  method?: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: object;
  /** Default: this machine. */
  from?: string;
}

export const host = '127.0.0.1:8701';
/** What a browser says of a request from a page of the console. */
export const ownPage = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };

/** A browser that keeps the cookies that the console's server gives it. It follows nothing. */
export function openBrowser(api: FastifyInstance) {
  const browser = { cookie: '', ask, logIn, csrf: () => csrf };
  let csrf = '';

  async function ask({ method = 'GET', url, headers = {}, body, from = '127.0.0.1' }: Opened) {
    const response = await api.inject({
      ...{ method, url, remoteAddress: from },
      headers: { host, ...(browser.cookie !== '' && { cookie: browser.cookie }), ...headers },
      ...(body !== undefined && { payload: body }),
    });
    const given = response.headers['set-cookie'];
    for (const cookie of [given ?? []].flat()) keep(cookie);
    const isJson = /^application\/(problem\+)?json/.test(String(response.headers['content-type']));
    const answer: unknown = isJson ? response.json() : response.body;
    return { status: response.statusCode, body: answer, headers: response.headers };
  }

  async function logIn(token = 'token-of-the-tests') {
    const answer = await ask({ method: 'POST', url: '/session', headers: ownPage, body: { token } });
    csrf = (answer.body as { csrf?: string }).csrf ?? '';
    return answer;
  }

  function keep(given: string): void {
    const [pair = '', ...attributes] = given.split('; ');
    const [name = ''] = pair.split('=');
    const others = browser.cookie.split('; ').filter((each) => each !== '' && !each.startsWith(`${name}=`));
    browser.cookie = [...others, ...(attributes.includes('Max-Age=0') ? [] : [pair])].join('; ');
  }

  return browser;
}
