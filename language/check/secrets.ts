import { isObject } from '../json.ts';
import { secretName, secretRefusal } from '../secret-bindings.ts';
import { originOfUrl, type UrlTemplate } from '../url-template.ts';
import { unsetHost } from './settings.ts';
import { type ActionCheck, membersOf } from './context.ts';

/** Reports secrets in the headers of a request that may not be sent to its host, or not by this definition. */
export function checkSecretUse(check: ActionCheck): void {
  const { step, path, secrets, constantAt, name, report } = check;
  const template = urlOf(check);
  if (secrets === undefined || template === undefined) return;
  const url = originOfUrl(template, constantAt);
  if (url === undefined || url.hostname.includes(unsetHost)) return; // Reported where URLs are checked, or not known.
  for (const { value, path: at } of membersOf(step.headers, [...path, 'headers'])) {
    if (!isObject(value) || typeof value.secret !== 'string' || !secretName.test(value.secret)) continue;
    const refusal = secretRefusal(secrets, { secret: value.secret, url, definition: name });
    if (refusal !== undefined) report.add(refusal.code, { path: [...at, 'secret'] }, refusal.message, refusal.hint);
  }
}

function urlOf({ step: { http } }: ActionCheck): UrlTemplate | undefined {
  if (typeof http === 'string') return http;
  return isObject(http) && typeof http.raw === 'string' ? { raw: http.raw } : undefined;
}
