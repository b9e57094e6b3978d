import { isObject } from '../json.ts';
import { secretName, secretRefusal } from '../secret-bindings.ts';
import { originOfUrl, type UrlTemplate } from '../url-template.ts';
import { unsetHost } from './settings.ts';
import { secretsIn } from '../secret-text.ts';
import type { ActionCheck } from './context.ts';

/** Reports secrets in a request that may not be sent to its host, or not by this definition. */
export function checkSecretUse(check: ActionCheck): void {
  const { step, path, secrets, constantAt, name, report } = check;
  const template = urlOf(check);
  if (secrets === undefined || template === undefined) return;
  const url = originOfUrl(template, constantAt);
  if (url === undefined || url.hostname.includes(unsetHost)) return; // Reported where URLs are checked, or not known.
  for (const place of ['headers', 'body', 'form']) {
    for (const { name: secret, path: at } of secretsIn(step[place], [...path, place])) {
      if (!secretName.test(secret)) continue; // Reported where the text is checked.
      const refusal = secretRefusal(secrets, { secret, url, definition: name });
      if (refusal !== undefined) report.add(refusal.code, { path: [...at, 'secret'] }, refusal.message, refusal.hint);
    }
  }
}

function urlOf({ step: { http } }: ActionCheck): UrlTemplate | undefined {
  if (typeof http === 'string') return http;
  return isObject(http) && typeof http.raw === 'string' ? { raw: http.raw } : undefined;
}
