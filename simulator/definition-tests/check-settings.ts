import { suggest } from '../../language/closest.ts';
import type { Path } from '../../language/check/report.ts';
import { membersOf } from '../../language/check/context.ts';
import { isObject, type Json } from '../../language/json.ts';
import { settingProblem } from '../../language/project-settings.ts';
import type { TestContext } from './check-context.ts';

/** Checks the `settings` of a test: their names and types, and that no setting which the definition reads is without a value. */
export function checkTestSettings(given: Json | undefined, test: Path, context: TestContext): void {
  const { settings, report, definition, children } = context;
  if (settings === undefined) return;
  const { types, values } = settings;
  for (const { key: name, value, path } of membersOf(given, [...test, 'settings'])) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) {
      const hint = suggest(name, Object.keys(types), 'Declare it in definitions/settings.json.');
      report.add('KAIT1601', { path, on: 'key' }, `There is no setting "${name}".`, hint);
      continue;
    }
    const expected = settingProblem(type, value);
    if (expected !== undefined) report.add('KAIT1603', { path }, `The setting "${name}" must be ${expected}.`);
  }
  const text = JSON.stringify([definition, children]);
  const missing = Object.keys(types).filter((name) => {
    return !Object.hasOwn(values, name) && !(isObject(given) && Object.hasOwn(given, name)) && reads(text, name);
  });
  for (const name of missing) {
    const hint = `Add "settings": { "${name}": … } to the test.`;
    report.add('KAIT1102', { path: test }, `The definition reads the setting "${name}", which has no default.`, hint);
  }
}

function reads(text: string, name: string): boolean {
  return new RegExp(`\\bsettings\\.${name}\\b`).test(text);
}
