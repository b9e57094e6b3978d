import { answerOf, type ApiClient } from '../api-client.ts';
import { whoAmI } from '../who-am-i.ts';

/** `kait console`: makes a link that logs in to the console once. */
export async function makeLoginLink(api: ApiClient): Promise<string> {
  const { url, expiresAt } = await answerOf(api.POST('/login-links', { body: { by: whoAmI() } }));
  return `${url}\nIt opens once, until ${expiresAt}, in a browser on the machine where Kait runs.`;
}
