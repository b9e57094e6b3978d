import { isObject, type JsonObject } from '../json.ts';
import { unitsMs, durationPattern, parseDuration } from '../time.ts';
import type { CheckContext } from './context.ts';
import { checkTemplate } from './logic.ts';
import type { Path } from './report.ts';

/** No event should wait longer for others of its key, or for its turn. */
const longestMs = unitsMs.d;

/** Checks what decides when runs may start: `key`, `hold`, `limits` and `onPoison`. */
export function checkTurns(definition: JsonObject, context: CheckContext): void {
  const { report } = context;
  const limits = isObject(definition.limits) ? definition.limits : {};
  const given = ['key', 'hold', 'limits', 'onPoison'].filter((name) => definition[name] !== undefined);
  if (definition.on === 'run') {
    for (const name of given) {
      const message = `No event starts runs of this definition, so "${name}" has no effect.`;
      report.add('KAIT1128', { path: [name], on: 'key' }, message, `Remove "${name}".`);
    }
    return;
  }
  if (definition.key === undefined) reportKeyless(definition, limits, context);
  else checkTemplate(definition.key, ['key'], context);
  for (const path of [
    ['limits', 'debounce'],
    ['limits', 'rate', 'per'],
  ]) {
    checkLength(path, definition, context);
  }
  if (definition.onPoison === 'park' && definition.onFail !== undefined && definition.onFail !== 'park') {
    report.add(
      'KAIT1128',
      { path: ['onPoison'] },
      `"onPoison" has a failed run park, and "onFail" is ${JSON.stringify(definition.onFail)}.`,
      'Remove one of the two.',
    );
  }
}

function reportKeyless(definition: JsonObject, limits: JsonObject, { report }: CheckContext): void {
  const paths: Path[] = [['hold'], ['onPoison'], ['limits', 'perKey'], ['limits', 'debounce']];
  for (const path of paths) {
    const [first = '', second] = path;
    if ((second === undefined ? definition[first] : limits[second]) === undefined) continue;
    const name = String(path.at(-1));
    const message = `"${name}" is about runs with the same key, and the definition has no "key".`;
    report.add('KAIT1108', { path, on: 'key' }, message, 'Add "key", such as "{{event.entity}}".');
  }
}

function checkLength(path: string[], definition: JsonObject, { report }: CheckContext): void {
  const value = path.reduce<unknown>(
    (from, name) => (isObject(from as never) ? (from as JsonObject)[name] : undefined),
    definition,
  );
  if (typeof value !== 'string' || !durationPattern.test(value)) return; // Missing, or reported by the check of the form.
  const ms = parseDuration(value);
  if (ms >= 1 && ms <= longestMs) return;
  report.add('KAIT1103', { path }, `"${String(path.at(-1))}" must be between 1ms and 1d.`);
}
