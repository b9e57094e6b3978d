import './deliveries.css';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { endpointLink, runLink, useSegments } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { isPortal } from '../../app/portal.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { duration } from '../../parts/format.ts';
import { Icon } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { deliveryTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { Waterfall } from './waterfall.tsx';

type Delivery = components['schemas']['ShownDelivery'];
type Request = Delivery['requests'][number];

/** One delivery: its requests, and what was answered. */
export default function DeliveryPage() {
  const { endpoints } = useWords();
  const [id = ''] = useSegments();
  const loaded = useLoad(id, (signal) =>
    answerOf(api.GET('/deliveries/{delivery}', { signal, params: { path: { delivery: id } } })),
  );
  useLive(['deliveries'], loaded.reload);
  const delivery = loaded.data;
  return (
    <Page
      title={delivery?.type ?? endpoints.delivery}
      up={{ href: '/deliveries', title: endpoints.deliveries }}
      about={
        delivery !== null && (
          <>
            <Badge tone={deliveryTones[delivery.state]}>{endpoints.deliveryStates[delivery.state]}</Badge>
            <span class="break">{delivery.url}</span>
          </>
        )
      }
      actions={delivery !== null && <Actions delivery={delivery} reload={loaded.reload} />}
    >
      <Load of={loaded}>
        {(shown) => (
          <>
            {shown.parkedBecause !== null && (
              <Note tone="warn" title={endpoints.parkedBecause[shown.parkedBecause]}>
                <p>{endpoints.parkedWhat[shown.parkedBecause]}</p>
              </Note>
            )}
            {(shown.state === 'exhausted' || shown.state === 'refused') && (
              <Note tone="bad" title={endpoints.ended[shown.state]}>
                {shown.lastError !== null && <p class="break">{shown.lastError}</p>}
              </Note>
            )}
            <div class="columns">
              <Card title={endpoints.requests} isFlush>
                {shown.requests.length === 0 ? (
                  <Empty icon="clock" title={endpoints.noRequests} />
                ) : (
                  [...shown.requests]
                    .reverse()
                    .map((request, index) => <Attempt key={request.number} request={request} isOpen={index === 0} />)
                )}
              </Card>
              <About delivery={shown} />
            </div>
          </>
        )}
      </Load>
    </Page>
  );
}

function Actions({ delivery, reload }: { delivery: Delivery; reload: () => Promise<void> }) {
  const { endpoints } = useWords();
  const { id, state, webUi } = delivery;
  const isUnderWay = state === 'pending' || state === 'started';
  return (
    <>
      {webUi !== null && (
        <a class="button" href={webUi} target="_blank" rel="noreferrer">
          {endpoints.inTemporal}
          <Icon name="external" size={16} />
        </a>
      )}
      {!isUnderWay && (
        <CommandButton
          label={endpoints.retry}
          icon="retry"
          kind={state === 'delivered' ? 'plain' : 'primary'}
          asksReason={false}
          what={state === 'delivered' ? endpoints.retryDeliveredWhat : endpoints.retryWhat}
          done={endpoints.retryDone}
          reload={reload}
          act={async () => {
            const body = { again: state === 'delivered' };
            const { retried, why, parkedBecause } = await answerOf(
              api.POST('/deliveries/{delivery}/retry', { params: { path: { delivery: id } }, body }),
            );
            if (!retried) throw new Error(endpoints.notRetried[why ?? 'unknown']);
            return parkedBecause === null ? endpoints.retryDone : endpoints.retryParked;
          }}
        />
      )}
    </>
  );
}

function Attempt({ request, isOpen }: { request: Request; isOpen: boolean }) {
  const { endpoints, locale } = useWords();
  const { number, at, durationMs, status, error, timings, headers, body } = request;
  const isGood = status !== null && status >= 200 && status < 300;
  const names = Object.entries(headers ?? {});
  return (
    <details class="attempt" open={isOpen}>
      <summary>
        <strong>{endpoints.requestNumber(number)}</strong>
        <Badge tone={isGood ? 'ok' : durationMs === null ? 'warn' : 'bad'}>
          {status === null ? (durationMs === null ? endpoints.inDoubt : endpoints.noAnswer) : `HTTP ${status}`}
        </Badge>
        {durationMs !== null && <span class="muted">{duration(durationMs, locale)}</span>}
        <span class="end muted small">
          <Time at={at} />
        </span>
      </summary>
      <div class="attempt-body">
        {error !== null && <Note tone={isGood ? 'warn' : 'bad'} title={error} />}
        {timings !== null && <Waterfall timings={timings} />}
        {names.length > 0 && (
          <div>
            <h3>{endpoints.answerHeaders}</h3>
            <table class="header-table">
              <tbody>
                {names.map(([name, value]) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{value}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <div>
          <h3>{endpoints.answerBody}</h3>
          {body === null || body === '' ? (
            <p class="muted">{body === null ? endpoints.noBody : endpoints.emptyBody}</p>
          ) : (
            <Code text={body} what={endpoints.answerBody} />
          )}
        </div>
      </div>
    </details>
  );
}

function About({ delivery }: { delivery: Delivery }) {
  const { endpoints } = useWords();
  const { answer } = delivery;
  return (
    <Card title={endpoints.about1}>
      <Facts
        facts={[
          [endpoints.one, <Link href={endpointLink(delivery.endpoint)}>{delivery.url}</Link>],
          [endpoints.created, <Time at={delivery.createdAt} isFull />],
          [endpoints.nextAttempt, delivery.nextAttemptAt !== null && <Time at={delivery.nextAttemptAt} />],
          [endpoints.attemptingSince, delivery.attemptingSince !== null && <Time at={delivery.attemptingSince} />],
          [endpoints.endedAt, delivery.endedAt !== null && <Time at={delivery.endedAt} isFull />],
          [endpoints.attempts, String(delivery.attempts)],
          [endpoints.doubtful, delivery.inDoubt > 0 && String(delivery.inDoubt)],
          [endpoints.replays, delivery.replays > 0 && String(delivery.replays)],
          [endpoints.orderKey, delivery.orderKey],
          [endpoints.tenant, !isPortal() && delivery.tenant],
          [endpoints.run, delivery.run !== null && <Link href={runLink(delivery.run)}>{delivery.run}</Link>],
          [endpoints.order, delivery.orderId],
          [
            endpoints.expectedAnswer,
            answer !== null &&
              (answer.by === null ? (
                <>
                  {endpoints.until} <Time at={answer.until} />
                </>
              ) : (
                <>
                  {answer.by} <Time at={answer.at} />
                </>
              )),
          ],
          [
            endpoints.messageId,
            <>
              <span class="mono">{delivery.messageId}</span>{' '}
              <Copy text={delivery.messageId} what={endpoints.messageId} />
            </>,
          ],
        ]}
      />
    </Card>
  );
}
