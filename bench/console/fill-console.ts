/** How much a console has to show. */
export interface Filling {
  events: number;
  runs: number;
  deliveries: number;
  approvals: number;
  /** The ids of five endpoints that exist. The second is paused, so that what is parked for it stays so. */
  endpoints: readonly string[];
  /** The id of the installation, with which workflow ids begin. */
  installation: string;
}

/** Rows that one statement adds. The embedded database runs one statement at a time, and webhooks wait meanwhile. */
const rowsAtOnce = 5_000;

/** Spread over the past 30 days, until an hour ago. */
const at = (count: number) => `now() - interval '1 hour' - (${count} - n) * interval '30 days' / ${count}`;

/**
 * Statements that fill the tables as a shop leaves them: of a hundred events, 20 have a run, and few have failed or were unreadable. A tenth of the deliveries
 * was given up, and a hundredth is parked. Temporal knows none of these runs: they are past its retention.
 */
export function fillStatements(filling: Filling): string[] {
  const { events, runs, deliveries, approvals, endpoints, installation } = filling;
  const eventsOfRun = Math.floor(events / runs);
  const endpoint = `(array[${endpoints.map((id) => `'${id}'`).join(', ')}])[n % ${endpoints.length} + 1]`;
  const runId = (number: string) => `'${installation}/payment-succeeded/stripe/evt_' || (${number}) * ${eventsOfRun}`;
  const parts: [count: number, sql: (range: string) => string][] = [
    [
      events,
      (range) => `
        with body as (
          insert into bodies (source, received_at, bytes, content_type)
          select (array['stripe', 'midtrans', 'xendit'])[n % 3 + 1], ${at(events)}, '{"id": "x"}', 'application/json' from ${range})
        insert into events (source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, last_error, envelope,
          order_id, payment_id, currency, amount, body_id, item, duplicates)
        select (array['stripe', 'midtrans', 'xendit'])[n % 3 + 1], 'evt_' || n, (array['stripe', 'midtrans', 'xendit'])[n % 3 + 1],
          case when n % 17 = 0 then 'payment.refunded' when n % 5 = 0 then 'payment.pending' else 'payment.succeeded' end, 'native', 'pi_' || n / 2, ${at(events)}, ${at(events)},
          case when n % 1000 = 1 then 'failed' when n % 1000 = 2 then 'unreadable' when n % ${eventsOfRun} = 0 then 'dispatched' else 'ignored' end,
          case when n % 1000 = 1 then 'Temporal did not accept the start' end, '{"refund": null}'::json,
          'INV-' || n / 3, 'pi_' || n / 2, case when n % 4 = 0 then 'USD' else 'IDR' end, n % 1000 * 100000, n, 0, case when n % 50 = 0 then 2 else 0 end
        from ${range}`,
    ],
    [
      runs,
      (range) => `
        insert into runs (workflow_id, event, definition, definition_hash, started_at)
        select ${runId('n')}, n * ${eventsOfRun}, (array['payment-succeeded', 'remind'])[n % 2 + 1], repeat('a', 64), ${at(runs)} from ${range}`,
    ],
    [
      deliveries,
      (range) => `
        insert into messages (id, idempotency_key, type, body, created_at)
        select 'msg_' || n, ${runId(`n % ${runs} + 1`)} || '/notify-' || n, 'order.created', '{}', ${at(deliveries)} from ${range}`,
    ],
    [
      deliveries,
      (range) => `
        insert into deliveries (id, message, endpoint, url, state, parked_because, attempts, last_status, last_error, created_at, due_at, started_at, ended_at)
        select 'dlv_' || n, 'msg_' || n, ${endpoint}, 'https://shop.example/webhooks',
          case when n % 100 = 1 then 'parked' when n % 10 = 0 then 'exhausted' else 'delivered' end,
          case when n % 100 = 1 then 'paused' end, 1, case when n % 10 = 0 then 503 else 200 end, case when n % 10 = 0 then 'HTTP 503' end,
          ${at(deliveries)}, ${at(deliveries)}, ${at(deliveries)}, case when n % 100 <> 1 then ${at(deliveries)} end from ${range}`,
    ],
    [
      deliveries,
      (range) => `
        insert into attempts (delivery, number, at, duration_ms, status)
        select 'dlv_' || n, 1, ${at(deliveries)}, 20 + n % 300, case when n % 10 = 0 then 503 else 200 end from ${range}`,
    ],
    [
      deliveries,
      (range) => `
        insert into mails (id, idempotency_key, message_id, recipient, subject, state, created_at)
        select 'mail_' || n, ${runId(`n % ${runs} + 1`)} || '/receipt-' || n, '<m>', 'a' || n % 1000 || '@b.example', 'Receipt', 'sent', ${at(deliveries)} from ${range}`,
    ],
    [
      approvals,
      (range) => `
        insert into approval_requests (id, workflow_id, step, definition, question, details, rules, opened_at, until, state)
        select 'apr_' || n, ${runId('n')}, 'ask', 'payment-succeeded', 'Refund ' || n || '?', '[]',
          '{"min": 1, "roles": [], "people": [], "notBy": null, "needsReason": false}', ${at(approvals)}, now() + interval '7 days',
          case when n % 10 = 0 then 'open' else 'approved' end from ${range}`,
    ],
    [
      500,
      (range) => `
        insert into rejections (at, source, reason, status, address, bytes, header_names, claims)
        select now() - n * interval '1 hour', 'stripe', 'wrong-signature', 401, '203.0.113.9', 900, array['host'], array[md5(n::text)::uuid] from ${range}`,
    ],
    [
      500,
      (range) => `
        insert into audit (actor, action, target, reason) select 'ops', 'events.replay', 'stripe/evt_' || n, 'again' from ${range}`,
    ],
  ];
  return [
    ...parts.flatMap(([count, sql]) => rangesOf(count).map(sql)),
    ...['events', 'runs', 'messages', 'deliveries', 'bodies', 'mails', 'approval_requests'].map(
      (table) => `analyze ${table}`,
    ),
  ];
}

function rangesOf(count: number): string[] {
  return Array.from({ length: Math.ceil(count / rowsAtOnce) }, (_, index) => {
    const first = index * rowsAtOnce + 1;
    return `generate_series(${first}, ${Math.min(first + rowsAtOnce - 1, count)}) as n`;
  });
}
