import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import type { CompiledPreset, Presets } from '../../server/gateway/presets.ts';
import { withSource } from '../sources/add-source.ts';
import type { SourcesFile } from '../sources/described-source.ts';

export interface ProjectSources {
  /** The text of `definitions/sources.json`. */
  text: string;
  /** What the environment has to hold, and what each is. */
  variables: {
    name: string;
    about: string;
    /** What counts while developing. Without it, there is none to suggest. */
    value?: string;
  }[];
  /** What could not be decided here, and what to do. */
  notes: string[];
}

/** Mounts each gateway as a source of its name. Throws KAIT_USAGE for one that Kait does not know. */
export async function sourcesOf(gateways: readonly string[], presets: Presets): Promise<ProjectSources> {
  const variables = new Map<string, Omit<ProjectSources['variables'][number], 'name'>>();
  const notes: string[] = [];
  let file: SourcesFile = { file: 'definitions/sources.json', text: '{}', presets, entries: new Map() };
  for (const gateway of new Set(gateways)) {
    const declared = presets.get(gateway)?.declared;
    if (declared === undefined) {
      const names = [...presets.keys()];
      throw new KaitError(
        'KAIT_USAGE',
        `There is no gateway "${gateway}". ${suggest(gateway, names, `Known are ${names.join(', ')}.`)}`,
      );
    }
    try {
      const environment = hasSandbox(declared) ? variable(gateway, 'ENVIRONMENT') : null;
      const asking = declared.confirm?.level === 'required' ? variable(gateway, 'CONFIRM') : null;
      const references = {
        ...(environment === null ? {} : { environment: { env: environment, default: 'live' as const } }),
        ...(asking === null ? {} : { confirm: { env: asking, default: true as const } }),
      };
      const added = await withSource(file, { gateway, secrets: [], settings: {}, ...references }, null);
      file = { ...file, ...added };
      if (environment !== null) {
        const about = `${declared.title}: live or sandbox, whose test events start runs`;
        variables.set(environment, { about, value: 'sandbox' });
      }
      const { secrets, pathSecret, apiKey } = added.entries.get(added.name) ?? { secrets: [] };
      for (const secret of secrets) variables.set(secret, { about: `${declared.title}: ${declared.setup.secret}` });
      if (pathSecret !== undefined)
        variables.set(pathSecret, { about: `${declared.title}: a secret of your own in the URL` });
      if (apiKey !== undefined)
        variables.set(apiKey, {
          about: `${declared.title}: the API key with which runs ask whether a webhook is true`,
        });
      const key = declared.apiKeyIsSecret ? secrets[0] : apiKey;
      if (asking !== null && key !== undefined) {
        const about = `${declared.title}: whether runs ask it if a webhook is true (default: true). It knows nothing of samples`;
        variables.set(asking, { about, value: 'false' });
        notes.push(
          `Runs believe webhooks of ${declared.title} without asking it, so that samples work. Delete ${asking} from .env once ${key} is there.`,
        );
      }
    } catch (error) {
      if (!(error instanceof KaitError)) throw error;
      notes.push(
        `${declared.title} is not mounted yet, because it needs an answer. Run: npx kait sources add --gateway ${gateway}`,
      );
    }
  }
  return { text: file.text, variables: [...variables].map(([name, each]) => ({ name, ...each })), notes };
}

/** Whether anything differs there: the API, the addresses, or which events are test events. */
function hasSandbox({ confirm, fetch, list, addresses, event }: CompiledPreset['declared']): boolean {
  const apis = [confirm?.api, fetch?.api, list?.api];
  return event.live !== undefined || addresses?.sandbox !== undefined || apis.some((api) => api?.sandbox !== undefined);
}

/** `MIDTRANS_ENVIRONMENT`, `MIDTRANS_CONFIRM`. */
function variable(gateway: string, field: 'ENVIRONMENT' | 'CONFIRM'): string {
  return `${gateway.toUpperCase()}_${field}`;
}
