import type { FullRun } from '../../../cli/runs/next-commands.ts';
import type { RunDetails, StepDetails } from '../../../language/run-details.ts';

export const step = (id: string, more: Partial<StepDetails> = {}): StepDetails => ({
  ...{ id, verb: 'call', title: id, what: 'orders.create', status: 'done' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:00.200Z', until: null, error: null },
  ...{ items: null, inDoubt: false, undone: null, child: null, input: null, output: null, open: [], branches: [] },
  ...more,
});

export const details = (more: Partial<RunDetails> = {}): RunDetails => ({
  ...{ steps: [], others: [], commandable: [], asking: [], decisions: [], remembersSince: null, paused: null },
  ...{ failure: null, notes: [], retryOf: null, definitionHash: 'hash' },
  ...more,
});

export const run = (more: Partial<FullRun> = {}): FullRun => ({
  ...{ workflowId: 'kait-1/order/stripe/evt_1', definition: 'order', definitionHash: 'hash', source: 'stripe' },
  ...{ eventId: 'evt_1', eventType: 'payment.succeeded', entity: 'pi_1', orderId: 'INV-7', currency: 'IDR' },
  ...{ amount: 2_500_000, startedAt: '2026-01-01T00:00:00.000Z', status: 'RUNNING', temporal: 'known' },
  ...{ missing: null, closedAt: null, historyLength: 5, parent: null, calls: [], details: details(), result: null },
  ...{ failure: null, deliveries: [], approvals: [], audit: [], retries: [], webUi: null },
  ...more,
});
