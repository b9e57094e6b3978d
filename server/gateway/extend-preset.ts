import { parse } from 'jsonc-parser';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import type { Completed } from '../../language/json-file.ts';

/** The texts of the presets with a name: the one that counts, and those of the package that it takes the place of. */
export type Bases = (name: string) => string[];

/** More than anybody needs. It also ends presets that extend each other. */
const mostBases = 8;

/**
 * A preset with `"extends": "<gateway>"` holds differences only, as a JSON merge patch (RFC 7396): objects are merged, everything else
 * takes the place of what was there, and null removes it. A preset may extend the package's one of its own name.
 */
export function extendPreset(name: string, own: Json, bases: Bases): Completed {
  const patches: JsonObject[] = [];
  let latest: { name: string; own: Json; beneath: string[] } = { name, own, beneath: bases(name).slice(1) };
  for (;;) {
    if (!isObject(latest.own) || !('extends' in latest.own)) break;
    const { extends: base, ...differences } = latest.own;
    if (typeof base !== 'string') return { path: ['extends'], problem: 'expected the name of a gateway' };
    if (patches.push(differences) > mostBases)
      return { path: ['extends'], problem: `"${base}" leads to too many presets, or back to this one` };
    const [text, ...beneath] = base === latest.name ? latest.beneath : bases(base);
    if (text === undefined) return { path: ['extends'], problem: unknownBase(base, latest.name) };
    latest = { name: base, own: parse(text, [], { allowTrailingComma: true }) as Json, beneath };
  }
  return { value: patches.reduceRight<Json>(mergePatch, latest.own) };
}

function unknownBase(base: string, name: string): string {
  return base === name
    ? `Kait has no preset "${base}" of its own`
    : `there is no gateway "${base}". "kait sources gateways" lists them`;
}

function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
