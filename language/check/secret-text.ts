import { isObject, type Json, type JsonObject } from '../json.ts';
import { secretName } from '../secret-bindings.ts';
import { hmacEncodings, hmacHashes, isSecret, isSecretText, mostSecretParts } from '../secret-text.ts';
import { type CheckContext, membersOf } from './context.ts';
import { didYouMean, type Path } from './report.ts';

type Form = 'secret' | 'concat' | 'base64' | 'hmac';

/** What may stand inside each form. So deep as `activities/built-in-activities.ts` takes it. */
const inside: Readonly<Record<'text' | 'concat' | 'base64' | 'concat in base64', readonly Form[]>> = {
  text: ['secret', 'concat', 'base64', 'hmac'],
  concat: ['secret', 'base64', 'hmac'],
  base64: ['secret', 'concat'],
  'concat in base64': ['secret'],
};

/** `checkPlain` checks a template without secrets. */
interface SecretContext extends CheckContext {
  checkPlain: (template: Json, path: Path) => void;
}

/** Checks a text with secrets in it; see `language/secret-text.ts`. */
export function checkSecretText(template: JsonObject, path: Path, context: SecretContext): void {
  checkPart(template, path, 'text', context);
}

function checkPart(part: Json, path: Path, within: keyof typeof inside, context: SecretContext): void {
  if (!isSecretText(part)) return context.checkPlain(part, path);
  const form = Object.keys(part)[0] as Form; // A text with secrets has one of these forms.
  if (!inside[within].includes(form)) {
    const message = `"${form}" cannot stand inside "${within === 'concat in base64' ? 'concat' : within}" here.`;
    const hint = `Expected: text, ${inside[within].map((each) => `"${each}"`).join(', ')}.`;
    return context.report.add('KAIT1103', { path }, message, hint);
  }
  if (form === 'secret') return checkName(part, path, context);
  const at = [...path, form];
  const value = part[form] ?? null;
  if (form === 'hmac') return checkHmac(value, at, context);
  if (form === 'base64') return checkPart(value, at, 'base64', context);
  if (!Array.isArray(value)) return context.report.add('KAIT1103', { path: at }, '"concat" must be a list.');
  if (value.length > mostSecretParts) {
    context.report.add('KAIT1104', { path: at }, `"concat" must be at most ${mostSecretParts} items.`);
  }
  const partsOf = within === 'base64' ? 'concat in base64' : 'concat';
  for (const [position, each] of value.entries()) checkPart(each, [...at, position], partsOf, context);
}

function checkName(part: JsonObject, path: Path, { report }: CheckContext): void {
  if (typeof part.secret === 'string' && secretName.test(part.secret)) return;
  const hint = 'Use a name that starts with KAIT_SECRET_.';
  report.add('KAIT1307', { path: [...path, 'secret'] }, 'Definitions cannot read this secret.', hint);
}

const members = ['key', 'of', 'hash', 'encoding'];

function checkHmac(hmac: Json, path: Path, context: SecretContext): void {
  const { report } = context;
  if (!isObject(hmac)) return report.add('KAIT1103', { path }, '"hmac" must be an object {"key": {"secret": …}}.');
  for (const { key, path: at } of membersOf(hmac, path)) {
    if (members.includes(key)) continue;
    report.add(
      'KAIT1101',
      { path: at, on: 'key' },
      `"${key}" is not a property of "hmac".`,
      didYouMean(key, () => members),
    );
  }
  const { key = null, of, hash, encoding } = hmac;
  if (isSecret(key)) checkName(key, [...path, 'key'], context);
  else report.add('KAIT1103', { path: [...path, 'key'] }, '"key" must be {"secret": "KAIT_SECRET_…"}.');
  if (of !== undefined) context.checkPlain(of, [...path, 'of']);
  else if (context.takesSecrets === 'body') {
    const message = '"of" is missing from "hmac". In a header it is the body by default, but this is part of the body.';
    report.add('KAIT1102', { path: [...path, 'of'] }, message);
  }
  checkChoice(hash, hmacHashes, [...path, 'hash'], context);
  checkChoice(encoding, hmacEncodings, [...path, 'encoding'], context);
}

function checkChoice(value: Json | undefined, allowed: readonly string[], path: Path, { report }: CheckContext): void {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return;
  const message = `"${String(path.at(-1))}" does not allow ${JSON.stringify(value)}.`;
  report.add('KAIT1104', { path }, message, `Expected one of: ${allowed.join(', ')}.`);
}
