import pc from 'picocolors';
import { shownMoney } from '../../language/shown-money.ts';
import type { StepStatus } from '../../language/definition.ts';
import type { DemoRun } from './observe-demo.ts';
import type { DemoAnswers } from './demo-requests.ts';

const marks: Record<StepStatus, string> = {
  pending: pc.dim('·'),
  running: pc.yellow('▶'),
  done: pc.green('✔'),
  skipped: pc.dim('–'),
  parked: pc.yellow('⏸'),
  failed: pc.red('✘'),
  timedOut: pc.yellow('⏰'),
  canceled: pc.yellow('■'),
};

/** Reports what happened: the webhooks, the steps of each run, and their effects. */
export function demoReport(answers: DemoAnswers, runs: DemoRun[], home: string): string {
  return [
    '',
    pc.bold('Webhooks'),
    ...webhookLines(answers, runs),
    '',
    ...runs.flatMap((run) => runLines(run, home)),
  ].join('\n');
}

function webhookLines(answers: DemoAnswers, runs: DemoRun[]): string[] {
  const duplicates = runs.find(({ source }) => source === 'stripe')?.duplicates ?? 0;
  const copies = answers.stripe.length;
  const line = (source: string, what: string, verdict: string) => `  ${source.padEnd(9)} ${what.padEnd(40)} ${verdict}`;
  return [
    line(
      'stripe',
      `payment_intent.succeeded, ${copies}× at once`,
      `${accepted(answers.stripe[0])}, ${duplicates} recognized as duplicates`,
    ),
    line(
      'stripe',
      'the same with a changed amount (forged)',
      answers.forged === 401 ? pc.green('rejected (401)') : pc.red(String(answers.forged)),
    ),
    line('midtrans', 'settlement', accepted(answers.midtrans)),
    line('xendit', 'invoice PAID', accepted(answers.xendit)),
  ];
}

function accepted(status: number | undefined): string {
  return status === 200 ? pc.green('accepted (200)') : pc.red(`answered ${status ?? 'nothing'}`);
}

function runLines(run: DemoRun, home: string): string[] {
  const width = Math.max(...run.steps.map(({ id }) => id.length));
  return [
    `${pc.bold('Run')} ${run.workflowId} ${run.status === 'COMPLETED' ? pc.green('completed') : pc.red(run.status.toLowerCase())}`,
    ...run.steps.map(({ id, what, status, error }) =>
      [
        `  ${marks[status]} ${id.padEnd(width)}  ${what.padEnd(20)}`,
        status === 'skipped' ? pc.dim('skipped: its condition is false') : '',
        error ?? '',
      ]
        .join(' ')
        .trimEnd(),
    ),
    ...run.orders.map((order) => effect('order', `${order.id.slice(0, 16)}… ${order.reference}, ${shownMoney(order)}`)),
    ...run.cashback.map((entry) => effect('cashback', shownMoney(entry))),
    ...run.mails.map((mail) => effect('mail', `"${mail.subject}" to ${mail.recipient}, in ${home}/mail`)),
    ...run.webhooks.map((webhook) =>
      effect(
        'webhook',
        `${webhook.type} arrived as ${webhook.id.slice(0, 16)}…, ${signature(webhook.verified)}: ${JSON.stringify(webhook.data)}`,
      ),
    ),
    ...(run.url === null ? [] : [`  ${pc.dim('details:')} ${pc.cyan(run.url)}`]),
    '',
  ];
}

function effect(name: string, what: string): string {
  return `  ${pc.dim('→')} ${name.padEnd(9)} ${what}`;
}

function signature(verified: boolean): string {
  return verified ? pc.green('signature verified') : pc.red('signature invalid');
}

/** Lists what should have happened but did not. */
export function shortcomings(answers: DemoAnswers, runs: DemoRun[]): string[] {
  const ofStripe = runs.find(({ source }) => source === 'stripe');
  const expectations: [boolean, string][] = [
    [
      answers.stripe.every((status) => status === 200),
      'All five copies of the Stripe event should be accepted with 200.',
    ],
    [ofStripe?.duplicates === 4, 'Four of the five copies should be recognized as duplicates.'],
    [answers.forged === 401, 'The forged request should be rejected with 401.'],
    [
      answers.midtrans === 200 && answers.xendit === 200,
      'The Midtrans and Xendit webhooks should be accepted with 200.',
    ],
    [runs.length === 3, `There should be 3 runs, one for each event; there are ${runs.length}.`],
    ...runs.flatMap((run): [boolean, string][] => [
      [run.status === 'COMPLETED', `${run.workflowId} should complete.`],
      [run.orders.length === 1, `${run.workflowId} should create one order.`],
      [run.cashback.length === 1, `${run.workflowId} should grant cashback once.`],
      [run.webhooks.length === 1, `${run.workflowId} should deliver one webhook to the receiver.`],
      [
        run.webhooks.every(({ verified }) => verified),
        `The webhook of ${run.workflowId} should have a valid signature.`,
      ],
      [run.source === 'midtrans' || run.mails.length === 1, `${run.workflowId} should send one receipt.`],
    ]),
  ];
  return expectations.filter(([holds]) => !holds).map(([, what]) => what);
}
