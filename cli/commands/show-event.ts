import { cutText } from '../../language/well-formed.ts';
import pc from 'picocolors';
import { z } from 'zod';
import { printable, shortened } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]).nullable();
const fact = z.record(z.string(), z.union([scalar, z.record(z.string(), scalar)])).nullish();
type Fact = z.output<typeof fact>;
const envelopeSchema = z.looseObject({
  gateway: z.string(),
  type: z.string(),
  nativeType: z.string(),
  occurredAt: z.string(),
  entity: z.string().nullable(),
  tenant: z.string().nullable(),
  live: z.boolean().nullish(),
  payment: fact,
  refund: fact,
  dispute: fact,
  payout: fact,
  subscription: fact,
});
type ShownEvent = components['schemas']['Event'];

/**
 * `kait events show`: what an event is, what became of it, and what the gateway sent. With `json`, everything as the API answers
 * it. With `raw`, also the first bytes of a body from which nothing can be redacted.
 */
export async function showEvent(
  api: ApiClient,
  source: string,
  eventId: string,
  { json = false, raw = false }: { json?: boolean; raw?: boolean },
): Promise<string> {
  const params = { path: { source, event: eventId }, query: raw ? { raw } : {} };
  const answer = await answerOf(api.GET('/events/{source}/{event}', { params }));
  return json ? JSON.stringify(answer, null, 2) : eventText(answer);
}

function eventText(event: ShownEvent): string {
  const envelope = envelopeSchema.parse(event.envelope);
  const facts = (['payment', 'refund', 'dispute', 'payout', 'subscription'] as const).flatMap((name) =>
    factLines(name, envelope[name]),
  );
  return [
    pc.bold(safe(envelope.type)),
    '',
    ...lines([
      ['id', event.eventId],
      ['source', event.source === envelope.gateway ? event.source : `${event.source} (${envelope.gateway})`],
      ['state', event.lastError === null ? event.state : `${event.state}: ${event.lastError}`],
      ['native type', envelope.nativeType],
      ['live', event.hasDetails ? liveText(envelope.live) : null],
      ['entity', envelope.entity],
      ['tenant', envelope.tenant],
      ['occurred', envelope.occurredAt],
      ['received', event.receivedAt],
      ['sent again', event.duplicates === 0 ? null : `${event.duplicates}×`],
      ['stored again', event.rereadAs === null ? null : `as ${event.rereadAs}`],
      ...event.runs.map((run): [string, string] => ['run', runText(run)]),
      ...event.turns.map((turn): [string, string] => ['turn', turnText(turn)]),
      ...event.handovers.map((given): [string, string] => ['given to', handoverText(given)]),
    ]),
    ...auditLines(event),
    ...facts,
    '',
    ...bodyLines(event),
  ].join('\n');
}

function runText({ workflowId, startedAt, inDoubt }: ShownEvent['runs'][number]): string {
  if (startedAt === null) return `${workflowId} (to be started)`;
  return inDoubt ? `${workflowId} (in doubt)` : workflowId;
}

const turnStates: Record<string, string> = {
  queued: 'waits behind another run of its key',
  ready: 'is next, and waits for its time, for a limit, or for an earlier event',
  holding: 'has its turn',
  blocked: 'has failed, and keeps its key; "turns free" lets the next one go on',
  skipped: 'did not start, because the key was taken by',
  merged: 'did not start, because it was merged into',
};

function turnText({ workflowId, key, state, because }: ShownEvent['turns'][number]): string {
  const other = state === 'skipped' || state === 'merged' ? ` ${because ?? 'another event'}` : '';
  return `${workflowId} ${turnStates[state] ?? state}${other}${key === null ? '' : ` (key ${key})`}`;
}

function handoverText({ workflowId, state, step }: ShownEvent['handovers'][number]): string {
  if (state === 'taken') return `${workflowId}, where the step ${step ?? ''} has taken it`;
  return state === 'sent' ? `${workflowId}, where no step has taken it` : `${workflowId} (to be sent)`;
}

/** What operators did, each with who and why. */
function auditLines({ audit }: ShownEvent): string[] {
  if (audit.length === 0) return [];
  const shown = audit.flatMap(({ at, actor, action, target, reason }): [string, string][] => [
    [action, target],
    ['', `${at} by ${actor}: ${reason}`],
  ]);
  return ['', pc.bold('audit'), ...lines(shown)];
}

function liveText(live: boolean | null | undefined): string {
  if (live === true) return 'yes';
  return live === false ? 'no, it is a test event' : 'the gateway does not say';
}

/** What the gateway did not say is left out. */
function factLines(name: string, members: Fact): string[] {
  if (members === null || members === undefined) return [];
  const shown = Object.entries(members).flatMap(([key, value]): [string, string | null][] => {
    if (value === null || typeof value !== 'object') return [[key, value === null ? null : String(value)]];
    return Object.entries(value).map(([inner, own]) => [`${key} ${inner}`, own === null ? null : String(own)]);
  });
  return ['', pc.bold(name), ...lines(shown)];
}

const labelWidth = 16;

function lines(pairs: (readonly [label: string, text: string | null])[]): string[] {
  return pairs.flatMap(([label, text]) =>
    text === null ? [] : [`  ${pc.dim(label.padEnd(labelWidth))}${shortened(safe(text), 300)}`],
  );
}

/** Characters; a body of a hundred lines or two is still readable. */
const shownData = 16_384;

function bodyLines({ hasDetails, body, data }: ShownEvent): string[] {
  if (!hasDetails)
    return [pc.dim('Its details and its body are no longer kept (keepEvents). Sent again, it is still a duplicate.')];
  if (body === null) return [pc.dim('The body is no longer kept (keepBodies).')];
  const of = body.items !== null && body.items > 1 ? `, event ${body.item + 1} of ${body.items}` : '';
  const heading = `${pc.bold('body')}  ${pc.dim(`${safe(body.contentType) || 'no content type'}, ${body.bytes} bytes, sha256 ${body.sha256}${of}`)}`;
  if (body.hidden !== null) {
    const hint = body.raw === null ? ' --raw shows its first bytes as they are.' : '';
    return [heading, `Not shown: ${safe(body.hidden)}.${hint}`, ...(body.raw === null ? [] : ['', escaped(body.raw)])];
  }
  // JSON escapes control characters, and `safe` what else a terminal obeys.
  const text = JSON.stringify(data, null, 2).split('\n').map(safe).join('\n');
  const cut = text.length > shownData;
  return [
    heading,
    cut ? cutText(text, shownData) : text,
    ...numberLines(body.numbersAsText),
    ...(cut ? [pc.dim(`… ${text.length - shownData} more characters. --json shows all of it.`)] : []),
  ];
}

function numberLines(pointers: string[]): string[] {
  if (pointers.length === 0) return [];
  return [pc.dim(`Numbers beyond 2^53, shown as text so that no digit is lost: ${safe(pointers.join(', '))}`)];
}

function safe(text: string): string {
  return printable(text);
}

/** Line breaks stay; other characters that a terminal obeys are written as JSON writes them, or made harmless. */
function escaped(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(JSON.stringify(line).slice(1, -1)))
    .join('\n');
}
