import { suggest } from './closest.ts';
import type { Json, JsonObject } from './json.ts';
import { isOrigin } from './url-template.ts';

export const settingTypes = ['text', 'number', 'integer', 'boolean', 'url', 'list'] as const;
export type SettingType = (typeof settingTypes)[number];

/** An entry of `definitions/settings.json`. */
export interface DeclaredSetting {
  type: SettingType;
  description?: string | undefined;
  /** Undefined: the environment must give the value. */
  default?: Json | undefined;
}

/** The entries of `definitions/settings.json`, by name. */
export type DeclaredSettings = ReadonlyMap<string, DeclaredSetting>;

/** What definitions see as `settings`. */
export interface ProjectSettings {
  types: Readonly<Record<string, SettingType>>;
  /** Without those that have neither a default nor a value from the environment. */
  values: JsonObject;
}

/** The names of settings. Only these lead to one variable each that people can guess. */
export const settingName = /^[a-z][a-zA-Z0-9]{0,63}$/;

const prefix = 'KAIT_SETTING_';

/** The environment variable that gives a setting another value: `KAIT_SETTING_SHOP_URL` for `shopUrl`. */
export function settingVariable(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2');
  return prefix + words.toUpperCase();
}

/** The most characters that all values may have as JSON, because runs carry them in their history. */
const mostCharacters = 16_384;

/**
 * The settings with their values: the default of each, or what the environment says. `problems` say what to do about variables without a
 * setting, values of another type and, if `isComplete` is asked for, settings without a value. No problem shows a value that may be a secret.
 */
export function settingsIn(
  declared: DeclaredSettings,
  variables: Readonly<Record<string, string>>,
  { isComplete }: { isComplete: boolean },
): { settings: ProjectSettings; problems: string[] } {
  const values: JsonObject = {};
  const problems = unknownVariables(declared, Object.keys(variables));
  for (const [name, { type, default: fallback }] of declared) {
    const variable = settingVariable(name);
    const given = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    const read = given === undefined ? undefined : readSetting(type, given);
    if (read !== undefined && 'problem' in read) problems.push(`${variable} ${read.problem}`);
    else if (read !== undefined) values[name] = read.value;
    else if (fallback !== undefined) values[name] = normalized(type, fallback);
    else if (isComplete) {
      problems.push(`${variable} is not set, and the setting "${name}" has no default. Set it to ${expected[type]}.`);
    }
  }
  const size = JSON.stringify(values).length;
  if (size > mostCharacters) {
    problems.push(`All settings together have ${size} characters. At most ${mostCharacters} are allowed.`);
  }
  const types = Object.fromEntries([...declared].map(([name, { type }]) => [name, type]));
  return { settings: { types, values }, problems };
}

function unknownVariables(declared: DeclaredSettings, variables: string[]): string[] {
  const known = [...declared.keys()].map(settingVariable);
  return variables
    .filter((variable) => !known.includes(variable))
    .map((variable) => {
      const otherwise =
        'Remove the variable, or declare the setting in definitions/settings.json. A secret is named KAIT_SECRET_….';
      return `${variable} names no setting. ${suggest(variable, known, otherwise)}`;
    });
}

const expected: Record<SettingType, string> = {
  text: 'a text of at most 4,000 characters',
  number: 'a number such as 2.5',
  integer: 'a whole number such as 250000',
  boolean: 'true or false',
  url: 'a URL such as https://shop.example.com/api, with neither a user nor a query',
  list: 'a list of at most 100 texts. In a variable, commas separate them',
};

/** Reads the value of an environment variable. */
function readSetting(type: SettingType, text: string): { value: Json } | { problem: string } {
  if (looksLikeSecret(text)) {
    return {
      problem:
        'looks like a secret, which histories would keep. Name the variable KAIT_SECRET_…, and use it as {"secret": "KAIT_SECRET_…"} in a header.',
    };
  }
  const value = valueIn(type, text);
  if (value === undefined || settingProblem(type, value) !== undefined) {
    return { problem: `is ${JSON.stringify(text)}, but must be ${expected[type]}.` };
  }
  return { value: normalized(type, value) };
}

function valueIn(type: SettingType, text: string): Json | undefined {
  switch (type) {
    case 'number':
    case 'integer':
      return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return { true: true, false: false }[text];
    case 'list':
      return text.split(',').map((item) => item.trim());
    case 'text':
    case 'url':
      return text;
  }
}

/** Why a value is none of the type, as the end of "must be …"; undefined if it is one. */
export function settingProblem(type: SettingType, value: Json): string | undefined {
  return isOfType(type, value) ? undefined : expected[type];
}

function isOfType(type: SettingType, value: Json): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string' && value.length <= 4_000;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'url':
      return typeof value === 'string' && isBaseUrl(value);
    case 'list':
      return Array.isArray(value) && value.length <= 100 && value.every((item) => isOfType('text', item));
  }
}

/** A URL to which a path can be added. */
function isBaseUrl(text: string): boolean {
  return text.length <= 2_000 && isOrigin(text) && !/[\s?#\\{}\p{Cc}]/u.test(text) && URL.canParse(text);
}

/** A URL never ends with a slash, so that `{{settings.shopUrl}}/orders` is right however it is written. */
function normalized(type: SettingType, value: Json): Json {
  return type === 'url' && typeof value === 'string' ? value.replace(/\/+$/, '') : value;
}

/** Keys of gateways and services, tokens and passwords that can be told by their form. */
const secretForms = [
  /\b(?:sk|rk|whsec|ghp|gho|github_pat|glpat|xox[abps]|shp(?:at|ss|ca)|sq0csp|npm)[_-][A-Za-z0-9_-]{8}/,
  /\b(?:SB-)?Mid-server-/,
  /\bxnd_(?:development|production|public)?_?[A-Za-z0-9]{8}/,
  /\bAKIA[A-Z0-9]{12}/,
  /\bAIza[A-Za-z0-9_-]{20}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /^(?:Bearer|Basic)\s+\S{8}/i,
  /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:[^\s/?#@]+@/i,
];

/** Whether a value has the form of a secret. */
export function looksLikeSecret(value: Json): boolean {
  if (Array.isArray(value)) return value.some(looksLikeSecret);
  return typeof value === 'string' && secretForms.some((form) => form.test(value));
}

/** Whether a name says that its value is a secret: `shopToken`, `apiKey`, `smtpPassword`. */
export function soundsLikeSecret(name: string): boolean {
  return /(?:secret|password|passwd|passphrase|token|credentials?|(?:api|private|server|signing|access|webhook)_?key)s?$/i.test(
    name,
  );
}
