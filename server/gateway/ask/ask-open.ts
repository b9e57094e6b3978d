import type { Database } from '../../../storage/database.ts';
import { partOf } from './answer-part.ts';
import { askGateway } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import type { CompiledList } from './compile-ask.ts';
import type { GatewayClientDeps } from './gateway-client.ts';
import type { Found } from './reconcile-source.ts';
import { storedView, type StoredRow } from './stored-event.ts';

/** Payments that one pass asks about, the oldest first; each costs a request. */
const openLimit = 1_000;

/**
 * What the gateway says now of every payment whose newest event in the time that the source looks back is pending. Ends with
 * the first question that fails.
 */
export async function* askOpen(
  deps: GatewayClientDeps,
  source: AskSource,
  list: Extract<CompiledList, { kind: 'open' }>,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  for (const row of await findOpen(deps.database, source, new Date(deps.nowMs() - source.lookBackMs))) {
    const view = storedView(source, row);
    const answer = await askGateway(deps, list.question, { source, api: list.api, view, signal });
    if (answer.kind === 'absent' || answer.kind === 'impossible') continue;
    if (answer.kind !== 'answered') {
      yield answer;
      return;
    }
    yield { kind: 'found', bodies: [{ body: partOf(answer.view.body().document, list.at) ?? null, headers: {} }] };
  }
}

const openSql = `
  select body, content_type, item, received_at
  from (
    select distinct on (entity) entity, type, body, content_type, item, received_at
    from events
    where source = $1 and received_at >= $2 and entity is not null
    order by entity, id desc) as newest
  where type = 'payment.pending' and body is not null
  order by received_at
  limit ${openLimit}`;

interface OpenRow {
  body: Uint8Array;
  content_type: string;
  item: number;
  received_at: string | Date;
}

async function findOpen(database: Database, source: AskSource, since: Date): Promise<StoredRow[]> {
  const rows = await database.run<OpenRow>('reconcile-open', openSql, [source.name, since.toISOString()]);
  return rows.map(({ body, content_type: contentType, item, received_at: receivedAt }) => ({
    body,
    contentType,
    item,
    receivedAt: new Date(receivedAt),
  }));
}
