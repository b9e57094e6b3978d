import { z } from 'zod';
import type { Finding } from '../finding.ts';
import { isObject, type JsonObject } from '../json.ts';
import {
  type DeclaredSettings,
  looksLikeSecret,
  settingName,
  settingProblem,
  type SettingType,
  settingTypes,
  settingVariable,
  soundsLikeSecret,
} from '../project-settings.ts';
import { membersOf } from './context.ts';
import { checkForm } from './form.ts';
import { parseSource } from './parse-source.ts';
import type { Path, Report } from './report.ts';
import { isReservedName } from './texts.ts';

const description = z.string().max(500).optional().describe('What it is, for people.');
const typeText =
  'text, number, integer, boolean, url (http or https, without a query; a slash at its end does not count) or list (of texts).';
const defaultText =
  'The value without an environment variable. Without a default, Kait starts only if the variable is set: KAIT_SETTING_SHOP_URL for shopUrl.';

const entrySchema = z.strictObject({
  type: z.enum(settingTypes),
  description,
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
});

const formSchema = z.object({ $schema: z.string().optional() }).catchall(entrySchema);

const entryOf = <Type extends SettingType>(type: Type, value: z.ZodType) =>
  z.strictObject({
    type: z.literal(type).describe(typeText),
    description,
    default: value.optional().describe(defaultText),
  });

/** `definitions/settings.json`, for editors. */
export const settingsFileSchema = z
  .object({ $schema: z.string().optional() })
  .catchall(
    z.discriminatedUnion('type', [
      entryOf('text', z.string()),
      entryOf('number', z.number()),
      entryOf('integer', z.int()),
      entryOf('boolean', z.boolean()),
      entryOf('url', z.string().regex(/^https?:\/\/[^?#]+$/)),
      entryOf('list', z.array(z.string()).max(100)),
    ]),
  );

/** Reads the text of `settings.json` and reports every mistake in it at once. After an error, `declared` is null. Never throws. */
export function readSettingsFile({ file, text }: { file: string; text: string }): {
  declared: DeclaredSettings | null;
  findings: Finding[];
} {
  const { report, value } = parseSource(file, text);
  if (value !== undefined && !isObject(value)) {
    report.add('KAIT1103', { path: [] }, 'settings.json must be an object.');
  }
  if (isObject(value)) checkEntries(value, report);
  const isSound = isObject(value) && !report.hasErrors();
  return { declared: isSound ? declaredIn(value) : null, findings: report.findings() };
}

function checkEntries(value: JsonObject, report: Report): void {
  checkForm(formSchema, value, [], 'this setting', report);
  const taken = new Map<string, string>();
  for (const { key: name, value: entry, path } of membersOf(value, [])) {
    if (name === '$schema') continue;
    checkName(name, path, taken, report);
    if (isObject(entry)) checkValue(name, entry, path, report);
  }
}

function checkName(name: string, path: Path, taken: Map<string, string>, report: Report): void {
  const place = { path, on: 'key' } as const;
  if (isReservedName(name)) report.add('KAIT1110', place, `"${name}" is a reserved name.`, 'Choose another one.');
  if (!settingName.test(name)) {
    const hint = 'Expected: a small letter, then letters and digits, such as shopUrl.';
    return report.add('KAIT1109', place, `"${name}" is not allowed as the name of a setting.`, hint);
  }
  const variable = settingVariable(name);
  const other = taken.get(variable);
  if (other !== undefined) {
    report.add(
      'KAIT1606',
      place,
      `"${name}" and "${other}" have the same variable, ${variable}.`,
      'Rename one of them.',
    );
  }
  taken.set(variable, name);
}

function checkValue(name: string, { type, default: value }: JsonObject, path: Path, report: Report): void {
  const known = settingTypes.find((each) => each === type);
  if (known === undefined) return; // Reported by the check of the form.
  const hint = 'Use a variable named KAIT_SECRET_…, and {"secret": "KAIT_SECRET_…"} in a header.';
  const isText = known === 'text' || known === 'list';
  if (isText && soundsLikeSecret(name)) {
    report.add('KAIT1605', { path, on: 'key' }, `"${name}" sounds like a secret, which histories would keep.`, hint);
  }
  if (value === undefined) return;
  const place = { path: [...path, 'default'] };
  if (looksLikeSecret(value)) {
    return report.add(
      'KAIT1604',
      place,
      `The default of "${name}" looks like a secret, which histories would keep.`,
      hint,
    );
  }
  const expected = settingProblem(known, value);
  if (expected !== undefined) report.add('KAIT1603', place, `The default of "${name}" must be ${expected}.`);
}

function declaredIn(value: JsonObject): DeclaredSettings {
  const entries = Object.entries(formSchema.parse(value));
  return new Map(entries.flatMap(([name, entry]) => (typeof entry === 'object' ? [[name, entry] as const] : [])));
}
