import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addCommands } from '../../../cli/add-commands.ts';
import { answerApproval, showApproval, showApprovals } from '../../../cli/commands/approvals.ts';
import { fakeApi } from '../fake-api.ts';

const approval = {
  ...{ workflowId: 'kait-1/refund/stripe/evt_1', step: 'ok', definition: 'refund', state: 'open' },
  ...{ orderId: 'INV-7', currency: 'IDR', amount: 200_000_000, question: 'Pay back Rp 2.000.000 of INV-7?' },
  ...{ details: [], requester: null, openedAt: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z', closedAt: null },
  rules: { min: 2, roles: [], people: [], notBy: null, needsReason: false },
  answers: [{ by: 'ana', approved: true, reason: null, at: '2026-01-01T01:00:00Z', via: 'cli', address: null }],
};

it('lists questions with the order and the amount', async () => {
  const { api } = fakeApi({ items: [approval], next: null });
  const lines = (await showApprovals(api, { limit: 5 })).split('\n');
  expect(lines[1]).toBe(
    'open   2026-01-02T00:00:00Z  1 of 2     INV-7  IDR 2,000,000.00  kait-1/refund/stripe/evt_1  ok    Pay back Rp 2.000.000 of INV-7?',
  );
});

it('shows a question with its order and amount', async () => {
  const { api } = fakeApi({ items: [approval], next: null });
  expect(await showApproval(api, 'kait-1/refund/stripe/evt_1', undefined)).toContain(
    '\n  order: INV-7  IDR 2,000,000.00\n',
  );
});

it('answers for a person', async () => {
  const { api, asked } = fakeApi({ workflowId: 'run', step: 'ok', decided: false, approvals: 0, needed: 1 });
  expect(await answerApproval(api, 'run', 'ok', { by: 'ana', reason: 'too much', approved: false })).toBe(
    'ana has rejected step "ok".',
  );
  expect(asked).toEqual([
    [
      'POST /approvals/answer',
      { workflowId: 'run', by: 'ana', approved: false, via: 'cli', step: 'ok', reason: 'too much' },
    ],
  ]);
});

it.each(['approve', 'reject'])('takes %s beside the other verbs for runs, with the same options', (verb) => {
  const program = new Command();
  addCommands(program, { exitCode: 0 });
  const find = (parent: Command) => parent.commands.find((each) => each.name() === verb);
  const runs = program.commands.find((each) => each.name() === 'runs');
  const shape = (command: Command | undefined) => command?.options.map(({ flags, mandatory }) => [flags, mandatory]);
  expect(shape(find(runs!))).toEqual([
    ['--by <person>', true],
    ['--reason <text>', false],
  ]);
  expect(shape(find(program))).toEqual(shape(find(runs!)));
});
