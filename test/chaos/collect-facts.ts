import type { Client } from '@temporalio/client';
import type { Database } from '../../storage/database.ts';
import type { Facts } from './facts.ts';
import { referenceOf } from './webhook-receiver.ts';

export type TemporalFacts = Pick<Facts, 'executions' | 'openActivities'>;
export type DatabaseFacts = Pick<
  Facts,
  'inbox' | 'runs' | 'orders' | 'cashback' | 'mails' | 'approvals' | 'deliveries' | 'audit'
>;

/** Every execution that Temporal has ever had, and the deliveries that are open. */
export async function collectFromTemporal(client: Client): Promise<TemporalFacts> {
  const executions: Facts['executions'] = [];
  for await (const { workflowId, status } of client.workflow.list()) {
    executions.push({ workflowId, status: status.name });
  }
  const openActivities: string[] = [];
  for await (const { activityId } of client.activity.list(`ExecutionStatus = 'Running'`)) {
    openActivities.push(activityId);
  }
  return { executions, openActivities };
}

const inboxSql = `select event_id as "eventId", state, claimed_until is not null as claimed, last_error as reason from events order by id`;
const runsSql = `
  select workflow_id as "workflowId", events.event_id as "eventId", definition_hash as "definitionHash"
  from runs join events on events.id = runs.event`;
const ordersSql = `select id, reference, amount::int as "amountMinor" from shop.orders`;
const cashbackSql = `select order_id as "orderId", amount::int as "amountMinor" from shop.cashback_entries`;
const mailsSql = `select recipient, state, claimed_until is not null as claimed from mails`;
const approvalsSql = `
  select approval_requests.workflow_id as "workflowId", approvals.person
  from approvals join approval_requests on approval_requests.id = approvals.request`;
const auditSql = `select target, action, reason from audit where target like 'kait-crash-test/%' order by id`;
const deliveriesSql = `
  select messages.id as "webhookId", messages.body, deliveries.state, (
    select count(*)::int from attempts where delivery = deliveries.id and status between 200 and 299
  ) as "recordedSuccesses"
  from messages left join deliveries on deliveries.message = messages.id`;

/** Kait's own records, read while no Kait runs. The casts of rows follow the statements above. */
export async function collectFromDatabase(database: Database): Promise<DatabaseFacts> {
  const stored = await database.run<{ body: string } & Omit<Facts['deliveries'][number], 'reference'>>(
    'chaos-deliveries',
    deliveriesSql,
    [],
  );
  return {
    inbox: await database.run('chaos-inbox', inboxSql, []),
    runs: await database.run('chaos-runs', runsSql, []),
    orders: await database.run('chaos-orders', ordersSql, []),
    cashback: await database.run('chaos-cashback', cashbackSql, []),
    mails: await database.run('chaos-mails', mailsSql, []),
    approvals: await database.run('chaos-approvals', approvalsSql, []),
    audit: await database.run('chaos-audit', auditSql, []),
    deliveries: stored.map(({ body, ...delivery }) => ({ ...delivery, reference: referenceOf(body) })),
  };
}
