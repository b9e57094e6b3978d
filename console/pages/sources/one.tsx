import './sources.css';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { listLink, useSegments } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Facts } from '../../parts/facts.tsx';
import { duration } from '../../parts/format.ts';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { FetchMissing } from './fetch-missing.tsx';
import { RejectionList } from './rejection-list.tsx';
import { SignedTest } from './signed-test.tsx';
import { SourceState } from './source-state.tsx';
import { WorkbenchButton } from './workbench.tsx';

type Shown = components['schemas']['ShownSource'];

/** One source: whether it works, what its gateway's dashboard needs, and why requests were rejected. */
export default function SourcePage() {
  const { sources } = useWords();
  const [name = ''] = useSegments();
  const loaded = useLoad(name, (signal) =>
    answerOf(api.GET('/sources/{source}', { signal, params: { path: { source: name } } })),
  );
  useLive(['events', 'status'], loaded.reload);
  const source = loaded.data;
  return (
    <Page
      title={name}
      up={{ href: '/sources', title: sources.title }}
      about={
        source !== null && (
          <>
            <SourceState source={source} />
            <span>{source.title}</span>
          </>
        )
      }
      actions={typeof source?.gateway === 'string' && <WorkbenchButton gateway={source.gateway} source={source.name} />}
    >
      <Load of={loaded}>
        {(shown) => (
          <>
            <Troubles source={shown} />
            <div class="columns">
              <div class="stack">
                {shown.setup !== null && <Setup source={shown} />}
                {shown.setup !== null && <SignedTest source={shown} reload={loaded.reload} />}
                <RejectionList of={shown.name} pageSize={10} />
                {shown.gateway !== null && <FetchMissing source={shown.name} reload={loaded.reload} />}
              </div>
              <About source={shown} />
            </div>
          </>
        )}
      </Load>
    </Page>
  );
}

function Troubles({ source }: { source: Shown }) {
  const { locale, sources } = useWords();
  const { problem, secretFaults, warnings, silence, lastRejection, rejectedLastHour } = source;
  return (
    <>
      {problem !== null && (
        <Note tone="bad" title={sources.notMounted}>
          <p class="break">{problem}</p>
          <p>{sources.notMountedWhat}</p>
        </Note>
      )}
      {secretFaults.map(({ variable, fault }) => (
        <Note key={variable} tone="bad" title={`${variable} ${fault}`} />
      ))}
      {rejectedLastHour > 0 && lastRejection !== null && (
        <Note tone="warn" title={sources.rejectedLately(rejectedLastHour, lastRejection.reason)}>
          <p>{lastRejection.hint}</p>
        </Note>
      )}
      {silence !== null && (
        <Note tone="warn" title={sources.silent}>
          <p>
            {sources.silentWhat(duration(silence.longestPauseSeconds * 1_000, locale))} <Time at={silence.last} />
          </p>
        </Note>
      )}
      {warnings.map((warning) => (
        <Note key={warning} tone="warn">
          <p class="break">{warning}</p>
        </Note>
      ))}
    </>
  );
}

function Setup({ source: { url, setup } }: { source: Shown }) {
  const { sources } = useWords();
  if (setup === null) return null;
  return (
    <Card title={sources.setup}>
      <p class="muted">{setup.where}</p>
      {url !== null && <Code text={url} what={sources.url} />}
      <ol class="steps">
        {setup.steps.map((step) => (
          <li key={step}>
            <span class="break">{step}</span>
          </li>
        ))}
      </ol>
      <p class="small muted">
        {sources.secretIs} {setup.secret}
      </p>
    </Card>
  );
}

function About({ source }: { source: Shown }) {
  const { sources } = useWords();
  return (
    <Card title={sources.about1}>
      <Facts
        facts={[
          [sources.secrets, sources.secretStates[source.secrets]],
          [sources.lastEvent, <Time at={source.lastEventAt} />],
          [sources.lastRejection, source.lastRejection !== null && <Time at={source.lastRejection.at} />],
          [sources.testEvents, source.test ? sources.testsStart : sources.testsIgnored],
          [sources.confirm, source.confirm && sources.yes],
          ...source.settings.map(({ name, value }) => [name, <span class="mono">{value}</span>] as const),
          [sources.retries, source.retries],
          [sources.unsigned, source.unsigned.join(', ')],
        ]}
      />
      <p>
        <Link href={listLink('/events', { source: source.name })}>{sources.itsEvents}</Link>
      </p>
      {source.docs.length > 0 && (
        <ul class="small doc-links">
          {source.docs.map((each) => (
            <li key={each}>
              <a class="break" href={each} target="_blank" rel="noreferrer">
                {each}
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
