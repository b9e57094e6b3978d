import './endpoints.css';
import { api, answerOf } from '../../app/api.ts';
import { useSegments } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { isPortal } from '../../app/portal.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { useWords } from '../../words/words.ts';
import { DeliveryList } from '../deliveries/delivery-list.tsx';
import { EndpointCommands } from './commands.tsx';
import { conditionOf, type Endpoint } from './condition.ts';
import { ConditionBadge } from './condition-badge.tsx';
import { HealthCard } from './health-card.tsx';
import { Patterns } from './patterns.tsx';

/** One endpoint: how it is, what it was sent, and what can be done about it. */
export default function EndpointPage() {
  const { endpoints } = useWords();
  const [id = ''] = useSegments();
  const loaded = useLoad(id, (signal) =>
    answerOf(api.GET('/endpoints/{endpoint}', { signal, params: { path: { endpoint: id } } })),
  );
  useLive(['deliveries'], loaded.reload);
  const endpoint = loaded.data;
  const url = endpoint === null ? null : new URL(endpoint.url);
  return (
    <Page
      title={url === null ? endpoints.one : url.host + (url.pathname === '/' ? '' : url.pathname)}
      up={{ href: '/endpoints', title: endpoints.title }}
      about={
        endpoint !== null && (
          <>
            <ConditionBadge endpoint={endpoint} />
            {endpoint.description !== '' && <span class="break">{endpoint.description}</span>}
          </>
        )
      }
      actions={endpoint !== null && <EndpointCommands endpoint={endpoint} reload={loaded.reload} />}
    >
      <Load of={loaded}>
        {(shown) => (
          <>
            <Trouble endpoint={shown} />
            <div class="columns">
              <div class="stack">
                <HealthCard id={shown.id} />
                <DeliveryList endpoint={shown.id} />
              </div>
              <Settings endpoint={shown} />
            </div>
          </>
        )}
      </Load>
    </Page>
  );
}

/** What is wrong, and what to do. */
function Trouble({ endpoint }: { endpoint: Endpoint }) {
  const { endpoints } = useWords();
  const condition = conditionOf(endpoint, Date.now());
  if (condition === 'healthy') return null;
  const title = endpoints.trouble[condition];
  return (
    <Note tone={condition === 'disabled' || condition === 'open' ? 'bad' : 'warn'} title={title}>
      {endpoint.disabledReason !== null && <p class="break">{endpoint.disabledReason}</p>}
      {endpoint.failingSince !== null && (
        <p>
          {endpoints.failingSince} <Time at={endpoint.failingSince} />
        </p>
      )}
      {condition === 'open' && (
        <p>
          {endpoints.openUntil} <Time at={endpoint.openUntil} />
        </p>
      )}
      <p>{endpoints.remedy[condition]}</p>
    </Note>
  );
}

function Settings({ endpoint }: { endpoint: Endpoint }) {
  const { endpoints } = useWords();
  const { credentials } = endpoint;
  const policy = Object.fromEntries(
    (['filter', 'transform', 'schedule', 'ordering', 'signature', 'permanent'] as const)
      .map((name) => [name, endpoint[name]] as const)
      .filter(([, value]) => value !== null),
  );
  return (
    <Card title={endpoints.settings}>
      <Facts
        facts={[
          [
            endpoints.url,
            <>
              <span class="mono">{endpoint.url}</span> <Copy text={endpoint.url} what={endpoints.url} />
            </>,
          ],
          [endpoints.patterns, <Patterns patterns={endpoint.patterns} />],
          [endpoints.tenant, isPortal() ? null : (endpoint.tenant ?? endpoints.own)],
          [endpoints.timeLimit, endpoint.timeLimit ?? '15s'],
          [endpoints.rate, endpoint.rate === null ? endpoints.noLimit : String(endpoint.rate)],
          [endpoints.concurrency, String(endpoint.concurrency ?? 10)],
          [endpoints.disableAfter, endpoint.disableAfter ?? '5d'],
          [
            endpoints.signing,
            credentials === null
              ? endpoints.sealed
              : credentials.signing.map(({ key, until }) => (
                  <span key={key + (until ?? '')} class="cut">
                    {key === 'v1' ? endpoints.hmac : endpoints.ed25519}{' '}
                    {until !== null && (
                      <span class="faint">
                        {endpoints.until} <Time at={until} />
                      </span>
                    )}
                  </span>
                )),
          ],
          [endpoints.publicKey, credentials?.publicKey && <span class="mono">{credentials.publicKey}</span>],
          [endpoints.headers, credentials?.headers.join(', ')],
          [endpoints.auth, credentials?.auth],
          [endpoints.certificate, credentials?.clientCertificate === true && endpoints.yes],
          [endpoints.created, <Time at={endpoint.createdAt} />],
          [
            endpoints.id,
            <>
              <span class="mono">{endpoint.id}</span> <Copy text={endpoint.id} what={endpoints.id} />
            </>,
          ],
        ]}
      />
      {Object.keys(policy).length > 0 && <JsonView value={policy} what={endpoints.more} />}
    </Card>
  );
}
