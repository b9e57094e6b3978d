import { printable, shortened } from '../../../language/printable.ts';
import type { EndpointNotice } from '../../../storage/schema.ts';
import type { EndpointFacts } from './notice-data.ts';

/** A notice with what is known about its endpoint now. */
export interface TellableNotice {
  endpoint: string;
  kind: EndpointNotice;
  reason: string;
  at: Date;
  failingSince: Date | null;
  /** Null: the endpoint was removed. */
  facts: EndpointFacts | null;
}

/** The mail that tells the operator of some notices, the oldest first. */
export function noticeMail(notices: readonly TellableNotice[]): { subject: string; text: string } {
  return { subject: subjectOf(notices), text: `${notices.map(paragraphOf).join('\n\n')}\n\n${closing}\n` };
}

const closing =
  'Kait keeps the deliveries that it cannot make now. "kait endpoints show <id>" shows how an endpoint is doing.';

function subjectOf(notices: readonly TellableNotice[]): string {
  const [only, ...others] = notices;
  if (only !== undefined && others.length === 0) {
    const host = only.facts === null ? only.endpoint : new URL(only.facts.url).host;
    return `Kait: the endpoint at ${shortened(printable(host), 100)} ${happened[only.kind]}`;
  }
  const counts = kinds.flatMap((kind) => {
    const count = notices.filter((notice) => notice.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return `Kait: outbound webhooks: ${counts.join(', ')}`;
}

const kinds = ['failing', 'disabled', 'recovered'] as const;
const happened: Record<EndpointNotice, string> = {
  failing: 'is failing',
  disabled: 'was disabled',
  recovered: 'has recovered',
};

/** What a tenant has written stays on its line. */
function paragraphOf({ endpoint, kind, reason, at, failingSince, facts }: TellableNotice): string {
  const since = failingSince === null ? '' : ` since ${timeOf(failingSince)}`;
  const first = `${timeOf(at)}: ${endpoint} ${happened[kind]}.`;
  if (facts === null) return `${first}\nIt was removed since.`;
  const { url, description, tenant, pending, parked, lastStatuses } = facts;
  const whose = tenant === null ? '' : `, tenant ${tenant}`;
  const about = description === '' ? '' : ` (${shortened(printable(description), 200)})`;
  const why = { failing: `Every attempt has failed${since}`, disabled: 'Reason', recovered: `It had failed${since}` };
  return [
    first,
    `${shortened(printable(url), 500)}${about}${whose}`,
    `${why[kind]}${reason === '' ? '' : `: ${shortened(printable(reason), 500)}`}.`,
    `Last answers: ${lastStatuses.map((status) => status ?? 'none').join(', ') || 'none'}.`,
    `Deliveries: ${pending} pending, ${parked} parked.`,
    nextOf(endpoint, facts, kind),
  ].join('\n');
}

function nextOf(endpoint: string, { state }: EndpointFacts, kind: EndpointNotice): string {
  if (state === 'disabled') return `When the receiver is ready again: kait endpoints resume ${endpoint}`;
  if (state === 'paused') return `It is paused. To go on: kait endpoints resume ${endpoint}`;
  if (kind === 'recovered') return 'What was parked is being sent.';
  return 'Kait tries it again by itself.';
}

function timeOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
