import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../language/json.ts';
import type { Config } from '../../config.ts';
import { loadPresets, type Presets } from '../../server/gateway/load-presets.ts';
import { readData } from '../../server/gateway/read-events.ts';
import { mountSources, type Source } from '../../server/gateway/sources.ts';

export interface MountedGateways {
  presets: Presets;
  sources: Map<string, Source>;
  /** The native body of an event, from its stored bytes. Throws where its gateway's preset is gone. */
  readData(gateway: string, body: Buffer, contentType: string, item: number): Json;
}

/** How gateways reach the receiver, as far as the configuration says. */
function publicUrlOf({ publicUrl, host, port }: Config['receiver']): string {
  return publicUrl?.replace(/\/+$/, '') ?? `http://${host}:${port}`;
}

/** Loads the presets and mounts the sources. `lookupSecret` gives the value of an environment variable. */
export async function mountGateways(
  config: Pick<Config, 'definitions' | 'receiver'>,
  lookupSecret: (name: string) => string | undefined,
): Promise<MountedGateways> {
  const presets = await loadPresets(join(config.definitions, 'gateways'));
  const file = join(config.definitions, 'sources.json');
  const sources = mountSources({
    presets,
    sourcesText: await readFile(file, 'utf8'),
    file,
    lookupSecret,
    publicUrl: publicUrlOf(config.receiver),
  });
  return {
    presets,
    sources,
    readData(gateway, body, contentType, item) {
      const preset = presets.get(gateway);
      if (preset === undefined) throw new Error(`there is no preset for ${gateway}`);
      return readData(preset, body, contentType, item);
    },
  };
}
