import './system.css';
import type { components } from '../../../cli/api-types.ts';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { useLive } from '../../app/live.ts';
import { may } from '../../app/session.ts';
import { type Loaded, useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { bytes, duration, number } from '../../parts/format.ts';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { Retention } from './retention.tsx';
import { Settings } from './settings.tsx';
import { queueTones } from './tones.ts';

type Status = components['schemas']['Status'];
type System = components['schemas']['System'];

/** What Kait is made of here: processes, queues, Temporal, database, retention and settings. */
export default function SystemPage() {
  const { parts, system } = useWords();
  const status = useLoad('status', (signal) => answerOf(api.GET('/status', { signal })));
  const isOperator = may('operator');
  const about = useLoad(isOperator ? 'system' : null, (signal) => answerOf(api.GET('/system', { signal })));
  useLive(['status'], () => Promise.all([status.reload(), about.reload()]));
  return (
    <Page title={system.title} about={system.about}>
      <Load of={status}>
        {(now) => (
          <>
            <Troubles status={now} />
            <Processes status={now} system={about.data} />
            <Queues queues={now.taskQueues} />
            {!isOperator && <Note title={system.rest}>{parts.needsRole(parts.roles.operator)}</Note>}
            {isOperator && <Rest of={about} status={now} />}
          </>
        )}
      </Load>
    </Page>
  );
}

const databaseKinds = { pglite: 'PGlite', postgres: 'PostgreSQL' };

/** What is wrong, said first. */
function Troubles({ status: { temporal, definitionsFrom, faults } }: { status: Status }) {
  const { system } = useWords();
  return (
    <>
      {temporal.problem !== null && (
        <Note tone="bad" title={system.temporalAway}>
          <p class="break">{temporal.problem}</p>
        </Note>
      )}
      {definitionsFrom.waits !== null && (
        <Note tone="warn" title={system.setWaits}>
          <p class="break">{definitionsFrom.waits}</p>
        </Note>
      )}
      {faults.length > 0 && (
        <Note tone="bad" title={system.faults(faults.length)}>
          <Link href="/definitions">{system.toDefinitions}</Link>
        </Note>
      )}
    </>
  );
}

function Processes({ status: { processes, version }, system: about }: { status: Status; system: System | null }) {
  const { locale, system } = useWords();
  return (
    <Card title={system.processes} isFlush>
      {about !== null && (
        <div class="inset">
          <Facts
            facts={[
              [system.answering, <span class="mono">{about.process.name}</span>],
              [system.kait, version],
              [system.node, about.process.node],
              [system.platform, about.process.platform],
              [system.started, <Time at={about.process.startedAt} />],
              [
                system.memory,
                system.memoryOf(bytes(about.process.memoryBytes, locale), bytes(about.process.heapBytes, locale)),
              ],
            ]}
          />
        </div>
      )}
      {processes.length === 0 ? (
        <p class="inset muted small">{system.alone}</p>
      ) : (
        <Table
          caption={system.processes}
          rows={processes}
          keyOf={({ id }) => id}
          columns={[
            {
              head: system.process,
              isWide: true,
              cell: ({ name, problem, notes }) => (
                <>
                  <span class="mono break">{name}</span>
                  {[...(problem === null ? [] : [problem]), ...notes].map((text) => (
                    <span key={text} class="second break">
                      {text}
                    </span>
                  ))}
                </>
              ),
            },
            {
              head: system.kind,
              cell: ({ kind, problem }) => <Badge tone={problem === null ? 'ok' : 'bad'}>{system.kinds[kind]}</Badge>,
            },
            { head: system.version, cell: ({ version: its }) => its },
            {
              head: system.serves,
              cell: ({ serves }) => (serves === null ? system.folder : system.set(number(serves, locale))),
            },
            { head: system.seen, align: 'right', cell: ({ seenAt }) => <Time at={seenAt} /> },
          ]}
        />
      )}
    </Card>
  );
}

function Queues({ queues }: { queues: Status['taskQueues'] }) {
  const { system } = useWords();
  return (
    <Card title={system.queues} isFlush>
      {queues.length === 0 ? (
        <Empty icon="system" title={system.noQueues} />
      ) : (
        <Table
          caption={system.queues}
          rows={queues}
          keyOf={({ name }) => name}
          columns={[
            {
              head: system.queue,
              isWide: true,
              cell: ({ name, serves, state }) => (
                <>
                  <span class="mono break">{name}</span>
                  <span class="second">{system.queueServes[serves] ?? serves}</span>
                  {state === 'unserved' && <span class="second break">{system.startWorker}</span>}
                </>
              ),
            },
            {
              head: system.state,
              cell: ({ state }) => <Badge tone={queueTones[state]}>{system.queueStates[state]}</Badge>,
            },
            {
              head: system.workers,
              cell: ({ workers }) =>
                workers.length === 0 ? (
                  <span class="faint">—</span>
                ) : (
                  workers.map(({ name, lastAskedAt }) => (
                    <span key={name} class="worker">
                      <span class="mono break">{name}</span>{' '}
                      <span class="faint small">
                        <Time at={lastAskedAt} />
                      </span>
                    </span>
                  ))
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}

/** What is for operators. */
function Rest({ of, status }: { of: Loaded<System>; status: Status }) {
  const { locale, system } = useWords();
  return (
    <Load of={of}>
      {({ temporal, database, retention, settings, projectSettings }) => (
        <>
          <div class="columns even">
            <Card title={system.temporal}>
              <Facts
                facts={[
                  [system.version, temporal.version],
                  [system.address, status.temporal.address],
                  [system.namespace, status.temporal.namespace],
                  [system.answered, timeOf(temporal.answeredInMs, locale)],
                  [
                    system.keepsRuns,
                    temporal.retentionHours !== null && duration(temporal.retentionHours * 3_600_000, locale),
                  ],
                  [system.attributes, system.attributeStates[status.temporal.searchAttributes.state]],
                  [
                    system.webUi,
                    status.temporal.ui !== null && (
                      <a class="break" href={status.temporal.ui} target="_blank" rel="noreferrer">
                        {system.open}
                      </a>
                    ),
                  ],
                ]}
              />
            </Card>
            <Database database={database} status={status} />
          </div>
          <Retention retention={retention} />
          <Settings settings={settings} projectSettings={projectSettings} />
        </>
      )}
    </Load>
  );
}

function Database({ database, status }: { database: System['database']; status: Status }) {
  const { locale, system } = useWords();
  const { problem, version, bytes: size, connections, oldestTransactionSeconds, migrations } = database;
  const oldest = oldestTransactionSeconds === null ? null : duration(oldestTransactionSeconds * 1_000, locale);
  const { own, open, most } = connections ?? { own: 0, open: 0, most: 0 };
  const counts = [own, open, most].map((count) => number(count, locale)) as [string, string, string];
  return (
    <Card title={system.database}>
      {problem !== null && (
        <Note tone="bad" title={system.databaseAway}>
          <p class="break">{problem}</p>
        </Note>
      )}
      <Facts
        facts={[
          [system.kind, databaseKinds[status.database]],
          [system.version, version],
          [system.address, status.databaseAddress],
          [system.size, size !== null && bytes(size, locale)],
          [system.connections, connections !== null && system.connectionsOf(...counts)],
          [system.oldestTransaction, connections !== null && (oldest ?? system.noTransaction)],
          [system.answered, timeOf(database.answeredInMs, locale)],
          [
            system.migrations,
            migrations !== null &&
              (migrations.applied > migrations.known
                ? system.migratedByNewer
                : system.migrated(number(migrations.applied, locale))),
          ],
          [system.projectMigrations, database.projectMigrations?.latest],
        ]}
      />
    </Card>
  );
}

function timeOf(ms: number | null, locale: string): string | null {
  return ms === null ? null : duration(ms, locale);
}
