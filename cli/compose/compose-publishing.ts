import { lookupSecret, type Config } from '../../config.ts';
import { mountSource } from '../../server/gateway/sources.ts';
import { publishSet, type PublishAnswer, type PublishRequest } from '../../server/publish/publish-set.ts';
import { type OpenRuns, UnknownRunsError } from '../../server/publish/runs-under-way.ts';
import { activitiesOfSet, type Surroundings } from '../../server/publish/surroundings.ts';
import type { Database } from '../../storage/database.ts';
import type { SetActivity } from '../../storage/schema.ts';
import type { LoadedActivities } from '../activities/open-activities.ts';
import { mistakesIn, readParts, type SetParts } from '../publish/check-set.ts';
import { inTemporaryFolder } from '../publish/published-folder.ts';
import { describeActivities } from '../publish/set-activities.ts';
import type { TemporalAccess } from './temporal-access.ts';

/** Builds what `kait publish` asks a server for. A set is checked as this server would serve it, before anything is recorded. */
export function composePublishing(deps: {
  config: Pick<Config, 'home' | 'definitions'>;
  /** The folder that the activities were loaded beside. */
  project: string;
  database: Database;
  temporal: TemporalAccess;
  installation: string;
  activities: () => LoadedActivities;
}): (request: PublishRequest) => Promise<PublishAnswer> {
  const { config, database, temporal, installation, activities } = deps;

  async function surroundingsIn(folder: string, described?: readonly SetActivity[]): Promise<Surroundings & SetParts> {
    const parts = await readParts(folder, 'server');
    const { callable } = activities().catalogue;
    const own = await describeActivities(deps.project, activities(), 'build').catch(() => []);
    return {
      ...parts,
      sources: parts.sources ?? new Map(),
      activities: activitiesOfSet(described ?? own, callable, own),
      mailTemplates: parts.beside.mailTemplates,
      eventTypes: parts.beside.eventTypes,
      secrets: parts.beside.secrets,
    };
  }

  return (request) =>
    publishSet(
      {
        database,
        openRuns: () => openRuns(temporal, installation),
        open: ({ files, activities: described }) =>
          inTemporaryFolder(config.home, files, async (folder) => {
            const { callable } = activities().catalogue;
            const mistakes = await mistakesIn(folder, { activities: callable, kind: 'server' });
            const surroundings = await surroundingsIn(folder, described);
            const before = missingSecrets(await readParts(config.definitions, 'server'));
            const missing = missingSecrets(surroundings).filter((each) => !before.includes(each));
            return { mistakes, missing, surroundings };
          }),
        current: () => surroundingsIn(config.definitions),
        now: () => performance.now(),
      },
      request,
    );
}

/** Sources whose webhooks this server would answer with 503. */
function missingSecrets({ sources, presets }: Pick<SetParts, 'sources' | 'presets'>): string[] {
  const deps = { presets, sourcesText: '', file: 'sources.json', lookupSecret, publicUrl: 'http://localhost' };
  return [...(sources ?? [])].flatMap(([name, entry]) => {
    const { missing } = mountSource(name, entry, deps);
    return missing.map((variable) => `The source "${name}" needs ${variable}, which this server does not have.`);
  });
}

const query = `ExecutionStatus = 'Running'`;

function openRuns({ client }: TemporalAccess, installation: string): OpenRuns {
  async function* pages() {
    try {
      let page: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query, pageSize: 1_000 })) {
        if (workflowId.startsWith(`${installation}/`)) page.push(workflowId);
        if (page.length < 1_000) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    } catch (error) {
      throw new UnknownRunsError(error);
    }
  }
  return { pages: pages(), count: async () => (await client.workflow.count(query)).count };
}
