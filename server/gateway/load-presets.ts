import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { compilePreset, type CompiledPreset } from './compile-preset.ts';
import { formatMistakes, readJsonText, type Mistake } from './json-file.ts';
import { presetSchema } from './preset.ts';

/** By the gateway's name. */
export type Presets = ReadonlyMap<string, CompiledPreset>;

/**
 * The presets of a folder, each file's name without `.json` being the gateway's name. Throws KAIT_GATEWAYS_INVALID with every
 * mistake of every file, since a gateway left out would refuse all of its webhooks.
 */
export async function loadPresets(folder: string): Promise<Presets> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(
    names.map(async (name) => parsePreset(join(folder, name), await readFile(join(folder, name), 'utf8'))),
  );
  const mistakes = files.flatMap((each) => each.mistakes);
  if (mistakes.length > 0) throw new KaitError('KAIT_GATEWAYS_INVALID', formatMistakes(mistakes));
  return new Map(files.flatMap(({ preset }) => (preset === null ? [] : [[preset.name, preset] as const])));
}

/** Checks and compiles the text of one file. `preset` is null exactly where there are mistakes. */
export function parsePreset(file: string, text: string): { preset: CompiledPreset | null; mistakes: Mistake[] } {
  const name = basename(file, '.json');
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    const message = 'the name of the file is the name of the gateway: expected lower-case letters, digits and _';
    return { preset: null, mistakes: [{ file, line: 1, column: 1, message }] };
  }
  const { value, mistakes } = readJsonText(presetSchema, text, file);
  return { preset: value === null ? null : compilePreset(name, value), mistakes };
}
