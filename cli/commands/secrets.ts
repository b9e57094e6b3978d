import { newSecretKey } from '../../storage/secret-keys.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { whoAmI } from '../who-am-i.ts';

/** `kait secrets new-key`: a key for KAIT_SECRETS_KEY. */
export function newKey(): string {
  return newSecretKey();
}

/** `kait secrets rotate-key`: seals everything with the key in front. A Kait that keeps its key in KAIT_HOME makes the new one itself. */
export async function rotateKey(api: ApiClient): Promise<string> {
  const { resealed, key, made } = await answerOf(api.POST('/secrets/reseal', { body: { newKey: true, by: whoAmI() } }));
  const sealed = `The secrets of all endpoints are sealed with the key ${key} (${resealed} were not before).`;
  if (made)
    return `Made a new key. ${sealed} The old key is gone from KAIT_HOME; copies in backups open only older databases.`;
  return `${sealed} Keys behind it in KAIT_SECRETS_KEY can be taken away from every server and worker.`;
}
