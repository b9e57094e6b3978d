import { expect, it } from 'vitest';
import { formatRun, wordOf } from '../../../cli/runs/format-run.ts';
import { details, run, step } from './sample-run.ts';

const format = { width: 80, nowMs: Date.parse('2026-01-01T00:01:00Z'), utc: true };
const id = 'kait-1/order/stripe/evt_1';
const hostile = '\u001b[2J\u001b]0;x\u0007\r\nkait runs terminate\u202e';

it('shows a parked run with its attempts, reasons and what can be done', () => {
  const pay = step('pay', {
    ...{ status: 'parked', endedAt: null, until: '2027-01-01T00:00:00.000Z', error: 'the shop is down' },
    input: { value: { amount: 5 } },
  });
  const shown = run({
    details: details({
      steps: [step('order', { output: { value: { id: 'ord_1' } } }), pay],
      commandable: [{ key: 'pay', state: 'parked' }],
      decisions: [
        {
          ...{ key: 'pay', step: 'pay', position: 'if', value: true, at: '2026-01-01T00:00:00.000Z' },
          because: 'event.payment.amount (2500000) > 1',
        },
      ],
    }),
    deliveries: [
      {
        ...{ id: 'dlv_1', messageId: 'msg_1', type: 'order.created', url: 'https://a.example', state: 'refused' },
        ...{ attempts: 1, lastStatus: 410, lastError: null, createdAt: '2026-01-01T00:00:00Z', step: 'notify' },
      },
    ],
    audit: [
      {
        ...{ at: '2026-01-01T00:00:30.000Z', actor: 'ana (key)', action: 'retry', step: 'pay', via: 'cli' },
        reason: 'it is up again',
      },
    ],
    webUi: 'http://127.0.0.1:8080/namespaces/default/workflows/x',
  });
  expect(formatRun(shown, format)).toBe(`order  running, parked at pay
  run         ${id}
  order       INV-7  IDR 25,000.00
  event       stripe evt_1 (payment.succeeded)
  started     2026-01-01 00:00:00Z
  open for    1 min

Steps
  ✔ order  orders.create  2026-01-01 00:00:00Z, 200 ms
      output  {"id":"ord_1"}
  ‖ pay  orders.create  PARKED  2026-01-01 00:00:00Z, until 2027-01-01 00:00:00Z
    at most
      if yes: event.payment.amount (2500000) > 1
      error   the shop is down
      input   {"amount":5}

Deliveries
  dlv_1  refused  1 attempt  order.created  https://a.example  410  step notify

Audit
  2026-01-01 00:00:30Z  retry pay by ana (key) (cli): it is up again

Links
  http://127.0.0.1:8080/namespaces/default/workflows/x
  kait temporal workflow show --workflow-id ${id}
  kait events show stripe evt_1

What you can do:
  kait runs retry ${id} pay --reason "…"
      try the step again now
  kait runs edit-input ${id} pay --input '{…}' --reason "…"
      try it with another input
  kait runs set-result ${id} pay --result '{…}' --reason "…"
      give its result, if you know it
  kait runs skip ${id} pay --reason "…"
      go on without it
  kait runs pause ${id} --reason "…"
      let no further step begin
  kait runs cancel ${id} --reason "…"
      end it; what it did is undone if its definition says so
  kait deliveries retry dlv_1
      send the webhook again`);
});

it('shows when a call is tried again, and why', () => {
  const shown = run({
    details: details({
      steps: [step('pay', { status: 'running', endedAt: null })],
      commandable: [{ key: 'pay', state: 'calling' }],
    }),
    calls: [
      {
        ...{ key: 'pay', activity: 'orders.create', attempt: 3, mostAttempts: 20, startedAt: null },
        ...{ nextAttemptAt: '2026-01-01T01:00:00.000Z', lastFailure: 'the shop is down' },
      },
    ],
  });
  const text = formatRun(shown, format);
  expect(text).toContain('      attempt 3 of 20, next at 2026-01-01 01:00:00Z\n      failed  the shop is down');
  expect(text).toContain(`kait runs retry ${id} pay`);
});

it.each([
  [
    'failed',
    run({ status: 'FAILED', closedAt: '2026-01-01T00:00:02.000Z', failure: { type: 'CardDeclined', message: 'no' } }),
    [`kait runs retry ${id} --dry-run`, `kait runs retry ${id} --reason "…"`],
  ],
  [
    'failed and was retried',
    run({
      ...{ status: 'FAILED', closedAt: '2026-01-01T00:00:02.000Z' },
      retries: [
        { run: `${id}/kait:retry-1`, of: id, state: 'started', requestedAt: '2026-01-01T00:00:00Z', detail: null },
      ],
    }),
    [`kait runs show ${id}/kait:retry-1`],
  ],
  ['completed', run({ status: 'COMPLETED', closedAt: '2026-01-01T00:00:02.000Z' }), [`kait runs explain ${id}`]],
  [
    'waits for people',
    run({ details: details({ asking: ['ok'], commandable: [{ key: 'ok', state: 'waiting' }] }) }),
    [`kait approve ${id} ok --by "…"`, `kait reject ${id} ok --by "…"`],
  ],
  [
    'is paused',
    run({ details: details({ paused: { by: null, reason: null, at: '2026-01-01T00:00:00Z' } }) }),
    [`kait runs resume ${id} --reason "…"`],
  ],
  ['is gone', run({ temporal: 'gone', details: null, missing: 'gone' }), ['kait events show stripe evt_1']],
  ['has no worker', run({ details: null, missing: 'No worker answers.' }), ['kait status']],
])('ends with the commands for a run that %s', (_what, shown, commands) => {
  const [, last = ''] = formatRun(shown, format).split('What you can do:\n');
  const printed = last.split('\n').filter((line) => /^ {2}\S/.test(line));
  expect(printed.slice(0, commands.length)).toEqual(commands.map((command) => `  ${command}`));
});

it('says what is missing, and shows the rest', () => {
  const text = formatRun(run({ details: null, missing: 'No worker answers for the run.' }), format);
  expect(text).toContain('! No worker answers for the run.');
  expect(text).not.toContain('Steps');
  expect(text).toContain('INV-7');
});

it('prints nothing that a terminal obeys, wherever it stands', () => {
  const everywhere = run({
    ...{ workflowId: `kait-1/${hostile}`, definition: hostile, eventId: hostile, source: hostile, eventType: hostile },
    ...{ orderId: hostile, currency: hostile, status: hostile, parent: hostile, webUi: hostile, missing: hostile },
    failure: { type: hostile, message: hostile },
    result: { beginning: hostile, bytes: 9 },
    details: details({
      steps: [
        step(hostile, {
          ...{ what: hostile, title: hostile, error: hostile, child: hostile, input: { beginning: hostile, bytes: 9 } },
          open: [{ key: hostile, steps: [{ id: hostile, status: 'running' }] }],
          branches: [
            { label: hostile, steps: [step('a')] },
            { label: hostile, steps: [step('b', { status: 'skipped' })] },
          ],
        }),
      ],
      others: [{ label: hostile, steps: [step(hostile)] }],
      ...{ notes: [hostile], asking: [hostile], retryOf: hostile },
      commandable: [{ key: hostile, state: 'parked' }],
      decisions: [{ key: 'x', step: hostile, position: hostile, value: true, because: hostile, at: hostile }],
      paused: { by: hostile, reason: hostile, at: hostile },
      failure: { type: hostile, message: hostile, step: hostile },
    }),
    calls: [
      {
        ...{ key: hostile, activity: hostile, attempt: 1, mostAttempts: null, startedAt: null },
        ...{ nextAttemptAt: hostile, lastFailure: hostile },
      },
    ],
    approvals: [{ step: hostile, question: hostile, state: 'open', openedAt: hostile, until: hostile }],
    audit: [{ at: hostile, actor: hostile, action: hostile, step: hostile, reason: hostile, via: 'cli' }],
    retries: [{ run: hostile, of: `kait-1/${hostile}`, state: 'refused', requestedAt: hostile, detail: hostile }],
  });
  expect(formatRun(everywhere, format)).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e]/u);
});

it('wraps long values below where they begin', () => {
  const steps = [step('order', { output: { value: 'ab '.repeat(40).trim() } })];
  const lines = formatRun(run({ details: details({ steps }) }), format).split('\n');
  const at = lines.findIndex((line) => line.includes('output'));
  expect(lines.slice(at, at + 2)).toEqual([
    `      output  "${'ab '.repeat(22).trim()}`,
    `              ${'ab '.repeat(18).trim()}"`,
  ]);
  expect(Math.max(...lines.slice(0, at + 2).map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('shows a branch that was not taken in one line', () => {
  const branches = [
    { label: 'then', steps: [step('a', { status: 'skipped' }), step('b', { status: 'skipped' })] },
    { label: 'else', steps: [step('c')] },
  ];
  const text = formatRun(
    run({ details: details({ steps: [step('large', { verb: 'if', what: null, branches })] }) }),
    format,
  );
  expect(text).toMatch(/✔ large {2}if.*\n {4}– then: skipped\n {4}else\n {6}✔ c/);
});

it.each([
  ['CANCELLED', 'canceled'],
  ['TIMED_OUT', 'timed out'],
  ['CONTINUED_AS_NEW', 'continued as new'],
])('writes %s as Kait does: %s', (status, word) => {
  expect(wordOf(status)).toBe(word);
});
