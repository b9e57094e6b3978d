import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Mistake } from '../server/gateway/json-file.ts';
import { readJsonText } from '../server/gateway/json-file.ts';
import { parsePreset, type Presets } from '../server/gateway/load-presets.ts';
import { createSourcesSchema } from '../server/gateway/source-schema.ts';
import { isFolder } from './definition-files.ts';

/** A preset or the sources, checked. */
export interface CheckedGatewayFile {
  file: string;
  /** Empty where the file is fine. */
  mistakes: Mistake[];
}

/** Whether a path is a preset, a folder of presets, or the sources: known by `gateways` and `sources.json`. */
export function isGatewayPath(path: string): boolean {
  return basename(path) === 'sources.json' || basename(path) === 'gateways' || basename(dirname(path)) === 'gateways';
}

/** Checks the files at a path of {@link isGatewayPath}. Rejects where there is nothing. */
export async function checkGatewayFiles(path: string): Promise<CheckedGatewayFile[]> {
  if (await isFolder(path)) return Promise.all((await presetFiles(path)).map(checkPreset));
  return [basename(path) === 'sources.json' ? await checkSources(path) : await checkPreset(path)];
}

async function presetFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return names.map((name) => join(folder, name));
}

async function checkPreset(file: string): Promise<CheckedGatewayFile> {
  return { file, mistakes: parsePreset(file, await readFile(file, 'utf8')).mistakes };
}

/** Against the presets beside it that are sound. */
async function checkSources(file: string): Promise<CheckedGatewayFile> {
  const schema = createSourcesSchema(await soundPresets(join(dirname(file), 'gateways')));
  return { file, mistakes: readJsonText(schema, await readFile(file, 'utf8'), file).mistakes };
}

async function soundPresets(folder: string): Promise<Presets> {
  const files = await presetFiles(folder);
  const parsed = await Promise.all(files.map(async (file) => parsePreset(file, await readFile(file, 'utf8')).preset));
  return new Map(parsed.flatMap((preset) => (preset === null ? [] : [[preset.name, preset] as const])));
}
