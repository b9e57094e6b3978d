import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient, ApiRefusal } from '../api-client.ts';
import { table } from '../terminal.ts';

/** `kait sessions`: lists who is logged in to the console. */
export async function showSessions(api: ApiClient, query: { limit: number }): Promise<string> {
  const { items } = await answerOf(api.GET('/sessions', { params: { query } }));
  if (items.length === 0) return 'Nobody is logged in to the console.';
  return table(
    ['id', 'who', 'scope', 'by', 'since', 'until'],
    items.map(({ id, name, scope, via, createdAt, expiresAt }) => [id, name, scope, ways[via], createdAt, expiresAt]),
  );
}

const ways = { token: 'admin token', key: 'API key', link: 'link', oidc: 'OpenID Connect' };

/** `kait sessions end`: all servers refuse it within seconds. */
export async function endSession(api: ApiClient, id: string): Promise<string> {
  try {
    await answerOf(api.DELETE('/sessions/{session}', { params: { path: { session: id } } }));
    return `Ended ${printable(id)}. All servers refuse it within seconds.`;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return `There is no session ${printable(id)}.`;
    throw error;
  }
}
