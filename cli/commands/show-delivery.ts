import pc from 'picocolors';
import { printable, shortened } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { quoted } from '../quoted-argument.ts';
import { shownTime, type TimeOptions } from '../shown-time.ts';
import { parkedReasons } from './deliveries.ts';

type Shown = components['schemas']['ShownDelivery'];
type SentRequest = Shown['requests'][number];

export interface ShowDeliveryOptions extends TimeOptions {
  /** As the API answers it. */
  json?: boolean;
}

/** `kait deliveries show`: a delivery, its requests, and what the receiver answered. */
export async function showDelivery(api: ApiClient, id: string, options: ShowDeliveryOptions): Promise<string> {
  const found = await answerOf(api.GET('/deliveries/{delivery}', { params: { path: { delivery: id } } }));
  return options.json === true ? JSON.stringify(found, null, 2) : describeDelivery(found, options);
}

function describeDelivery(row: Shown, options: TimeOptions): string {
  const time = (instant: string | null) => (instant === null ? null : shownTime(instant, options));
  const { id, parkedBecause, attempts, inDoubt, replays, requests } = row;
  const counted = inDoubt === 0 ? String(attempts) : `${attempts}, ${inDoubt} of them in doubt`;
  return [
    pc.bold(printable(id)),
    ...lines([
      ['state', parkedBecause === null ? row.state : `${row.state}: ${parkedReasons[parkedBecause]}`],
      ['webhook-id', row.messageId],
      ['type', row.type],
      ['endpoint', row.endpoint],
      ['tenant', row.tenant],
      ['url', row.url],
      ['run', row.run],
      ['order', row.orderId],
      ['in order by', row.orderKey],
      ['attempts', counted],
      ['sent again', replays === 0 ? null : `${replays}×`],
      ['emitted', time(row.createdAt)],
      ['under way since', time(row.attemptingSince)],
      ['next attempt', time(row.nextAttemptAt)],
      ['ended', time(row.endedAt)],
      ['last error', row.lastError],
      ['answer', answerText(row.answer, options)],
    ]),
    ...(attempts > requests.length && requests.length > 0
      ? [pc.dim(`  … the newest ${requests.length} requests`)]
      : []),
    ...requests.flatMap((request) => requestLines(request, options)),
    ...temporalLines(row),
  ].join('\n');
}

/** Of an `emit` that waits for an answer. */
function answerText(answer: Shown['answer'], options: TimeOptions): string | null {
  if (answer === null) return null;
  const { until, by, at } = answer;
  if (at === null) return `expected until ${shownTime(until, options)}`;
  return by === null ? `none by ${shownTime(at, options)}` : `given by ${by} at ${shownTime(at, options)}`;
}

function requestLines({ number, at, durationMs, ...answer }: SentRequest, options: TimeOptions): string[] {
  const took = durationMs === null ? '' : `, ${durationMs} ms`;
  return [
    '',
    `${pc.bold(`attempt ${number}`)}  ${shownTime(at, options)}${took}`,
    ...lines([
      ['status', answer.status === null ? null : String(answer.status)],
      ['error', answer.error],
      ['time', answer.timings === null ? null : timingsText(answer.timings)],
    ]),
    ...lines(Object.entries(answer.headers ?? {})),
    ...(answer.body === null || answer.body === '' ? [] : bodyLines(answer.body)),
  ];
}

/** Line breaks stay. Other characters that a terminal obeys are made harmless. */
function bodyLines(body: string): string[] {
  return ['', ...body.split('\n').map((line) => `    ${printable(line)}`)];
}

const timingNames = [
  ['dnsMs', 'DNS'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
  ['totalMs', 'in all'],
] as const;

function timingsText(timings: NonNullable<SentRequest['timings']>): string {
  const known = timingNames.flatMap(([name, shown]) => {
    const ms = timings[name];
    return ms === undefined ? [] : [`${shown} ${Math.round(ms)} ms`];
  });
  return [...known, ...(timings.reused === true ? ['on an open connection'] : [])].join(', ');
}

/** Nothing is in Temporal before its first start. */
function temporalLines({ activityId, startedAt, webUi }: Shown): string[] {
  if (startedAt === null || activityId === null) return [];
  const page = webUi === null ? [] : [`  ${printable(webUi)}`];
  return ['', ...page, printable(`  kait temporal activity describe --activity-id ${quoted(activityId)}`)];
}

const labelWidth = 16;

function lines(pairs: (readonly [label: string, text: string | null])[]): string[] {
  return pairs.flatMap(([label, text]) =>
    text === null
      ? []
      : [`  ${pc.dim(`${shortened(printable(label), 60)} `.padEnd(labelWidth))}${shortened(printable(text), 1_000)}`],
  );
}
