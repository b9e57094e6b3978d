import type { ClientBase } from 'pg';

/**
 * Fills a fresh database with a shop's past year: for each hundred events, 88 that were dispatched with a run, 10 ignored, and few of the
 * other states. Three quarters of the bodies and half of the details are gone. A source, a definition and a currency were frequent once and are
 * not used any more: PostgreSQL expects their rows everywhere. Indexes are built at the end, which takes a third of the time.
 */
export async function fillTables(client: ClientBase, { events }: { events: number }): Promise<void> {
  const indexes = await client.query<{ name: string; definition: string }>(`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and not exists (select from pg_constraint where conname = indexname)`);
  for (const { name } of indexes.rows) await client.query(`drop index "${name}"`);
  for (const statement of fillSql(events)) await client.query(statement);
  for (const { definition } of indexes.rows) await client.query(definition);
  await client.query('vacuum analyze');
}

const at = `timestamptz '2026-01-01' + n * interval '30 seconds'`;

const fillSql = (events: number): string[] => [
  `insert into bodies (source, received_at, bytes, content_type)
   select 'shop-' || n % 10, ${at}, '{}', 'application/json' from generate_series(${(events * 3) / 4}, ${events}) as n`,
  `insert into events (source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, envelope, order_id,
     payment_id, customer, currency, amount, body_id, item)
   select case when n between ${events / 10} and ${events * 0.3} or n between ${events * 0.55} and ${events * 0.6} then 'former'
     when n % 10000 = 0 then 'rare' else 'shop-' || n % 10 end, 'evt_' || n, 'stripe', 'payment.succeeded', 'x', 'pi_' || n / 2,
     ${at}, ${at},
     case when n > ${events - 100} then 'pending' when n % 1000 = 1 then 'failed' when n % 1000 = 2 then 'unreadable'
       when n % 10000 = 3 then 'waiting' when n % 10 = 4 then 'ignored' else 'dispatched' end,
     case when n > ${events / 2} then '{"id":"evt","type":"payment.succeeded","entity":"pi_1"}'::json end,
     case when n > ${events / 2} then 'INV-' || n / 3 end, case when n > ${events / 2} then 'pi_' || n / 2 end,
     case when n > ${events / 2} then md5((n / 20)::text)::uuid end, case when n % 100000 = 0 then 'JPY' when n < ${events * 0.6} then 'USD' else 'IDR' end, n % 1000 * 100000,
     greatest(n - ${(events * 3) / 4} + 1, 0), 0
   from generate_series(1, ${events}) as n`,
  `insert into runs (workflow_id, event, definition, definition_hash, started_at)
   select 'kait-1/order/shop/' || id, id, case when id < ${events * 0.3} then 'former' else 'order' end, 'hash', received_at from events where state = 'dispatched' and id % 3 <> 0`,
  `insert into messages (id, idempotency_key, type, body, raw, created_at)
   select 'msg_' || n, 'kait-1/order/shop/' || n || '/notify', 'forward.shop-1.payment.succeeded', '', case when n % 4 = 0 then '{}'::bytea end, ${at}
   from generate_series(1, ${events / 10}) as n`,
  `insert into endpoints (id, url, patterns, secrets, secrets_key, state)
   select 'ep' || case when n > 0 then n::text else '' end, 'https://shop.example', array['*'], '', 'k', case when n = 1 then 'paused' else 'enabled' end
   from generate_series(0, 20) as n`,
  `insert into deliveries (id, message, endpoint, url, state, parked_because, order_key, created_at, due_at, started_at, ended_at)
   select 'dlv_' || n, 'msg_' || n, case when n % 100 = 50 then 'ep' || n / 100 % 20 + 1 else 'ep' end, 'u',
     case when n % 1000 = 0 then 'started' when n % 1000 = 50 then 'parked' else 'delivered' end, case when n % 1000 = 50 then 'paused' end,
     case when n % 10 < 5 then 'pi_' || n / 100 end, ${at}, ${at}, ${at}, case when n % 1000 not in (0, 50) then ${at} end
   from generate_series(1, ${events / 10}) as n`,
  `insert into wait_shapes (type, paths, last_event) values ('payment.succeeded', '["event.payment.id"]', ${events / 4})`,
  `insert into waits (workflow_id, step, type, hash, sources, event, live, since, until)
   select 'kait-1/remind/shop/' || n, 'settled', 'payment.succeeded', decode(md5(n::text), 'hex'), array['shop-' || n % 10], n, null,
     timestamptz '2026-01-01' + interval '200 days', timestamptz '2099-01-01'
   from generate_series(1, ${events / 100}) as n`,
  `insert into event_keys (hash, event) select decode(md5((n / 2)::text), 'hex'), n from generate_series(${events / 2}, ${events}) as n`,
  `insert into handovers (workflow_id, event, state, step, at)
   select 'kait-1/remind/shop/' || n, n, case when n % 10000 = 0 then 'pending' else 'taken' end, 'settled', ${at}
   from generate_series(1, ${events / 10}) as n`,
  `insert into turn_rules (definition, rules, given) values ('order', '{}', '[]')`,
  `insert into turns (workflow_id, definition, key, event, state, first_at, at)
   select 'kait-1/order/shop/' || n, case when n % 2 = 0 then 'order' else 'other' end, case when n > ${events / 20} then 'long' else 'pi_' || n end, n,
     case when n > ${events / 20} then 'queued' when n % 3 = 0 then 'merged' when n % 100 = 1 then 'ready' else 'holding' end, ${at}, ${at}
   from generate_series(1, ${events / 10}) as n`,
  `insert into approval_requests (id, workflow_id, step, definition, question, details, rules, until, state)
   select 'apr_' || n, 'kait-1/order/shop/' || n, 'ask', 'order', 'Refund?', '[]', '{}', timestamptz '2099-01-01',
     case when n % 100 = 0 then 'open' else 'approved' end
   from generate_series(1, ${events / 100}) as n`,
  `insert into attempts (delivery, number, at) select id, 1, created_at from deliveries`,
  `insert into mails (id, idempotency_key, message_id, recipient, subject, state, created_at)
   select 'mail_' || n, 'kait-1/order/shop/' || n || '/receipt', 'm', 'a' || n || '@b.example', 's', 'sent', ${at} from generate_series(1, ${events / 10}) as n`,
];
