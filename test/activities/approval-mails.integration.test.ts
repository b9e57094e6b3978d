import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mailApproval, type ApprovalMailDeps } from '../../activities/approval-mails.ts';
import { readPeople, type People } from '../../language/check/people-file.ts';
import { openApproval, type NewApproval } from '../../storage/approvals/approval-records.ts';
import type { Database } from '../../storage/database.ts';
import { sampleInstallation } from '../server/sample-installation.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const file = {
  ana: { mail: 'ana@shop.example', roles: ['finance'] },
  budi: { mail: 'budi@shop.example', roles: ['finance'] },
};
const people = readPeople({ file: 'people.json', text: JSON.stringify(file) }).people ?? new Map();

async function asked(
  workflowId: string,
  changes: Partial<NewApproval> = {},
): Promise<{ workflowId: string; step: string }> {
  await openApproval(database, {
    ...{ workflowId, step: 'ok', definition: 'refund', question: 'Refund?', details: [], requester: null },
    rules: { min: 1, roles: ['finance'], people: [], notBy: null, needsReason: false },
    mail: { to: null, subject: null, text: null },
    untilMs: Date.now() + 3_600_000,
    ...changes,
  });
  return { workflowId, step: 'ok' };
}

/** Sends to whom `outcome` lets it. */
function mailing(
  outcome: (to: string) => Error | undefined = () => undefined,
  changes: Partial<ApprovalMailDeps> = {},
) {
  const sent: { to: string; text?: string | undefined; key: string }[] = [];
  const send = (step: { workflowId: string; step: string }, round = 0) =>
    mailApproval(
      {
        ...{ database, installation: sampleInstallation(), publicUrl: 'https://hooks.shop.example/' },
        people: () => Promise.resolve<People>(people),
        sendMail: ({ to, text }, { idempotencyKey }) => {
          const error = outcome(to);
          if (error !== undefined) return Promise.reject(error);
          sent.push({ to, text, key: idempotencyKey });
          return Promise.resolve();
        },
        ...changes,
      },
      { ...step, round },
      { idempotencyKey: `${step.workflowId}/ok`, source: 'shop', eventId: 'evt_1' },
    );
  return { sent, send };
}

it('gives the mail of each person and round a key of its own, the same for each attempt', async () => {
  const step = await asked('run-1');
  const { sent, send } = mailing();
  await send(step);
  await send(step);
  await send(step, 1);
  expect(sent.map(({ key }) => key)).toEqual([
    ...['run-1/ok/kait:ask-0-0/ana', 'run-1/ok/kait:ask-0-0/budi'],
    ...['run-1/ok/kait:ask-0-0/ana', 'run-1/ok/kait:ask-0-0/budi'],
    ...['run-1/ok/kait:ask-0-1/ana', 'run-1/ok/kait:ask-0-1/budi'],
  ]);
});

it('asks the others although an address is refused, and says how many were', async () => {
  const refused = ApplicationFailure.nonRetryable('no such mailbox', 'MailRefused');
  const { sent, send } = mailing((to) => (to.startsWith('ana') ? refused : undefined));
  await expect(send(await asked('run-2'))).rejects.toThrow('1 of 2 mails were refused');
  expect(sent.map(({ to }) => to)).toEqual(['budi@shop.example']);
});

it('is tried again if the mail server is away', async () => {
  const away = ApplicationFailure.retryable('away', 'MailUnavailable');
  await expect(mailing(() => away).send(await asked('run-3'))).rejects.toBe(away);
});

it('names the command if there is no public URL', async () => {
  const { sent, send } = mailing(undefined, { publicUrl: null });
  await send(await asked('run-4'));
  expect(sent[0]?.text).toContain(`kait approve 'run-4' ok --by 'ana'`);
  expect(sent[0]?.text).not.toContain('/approve/');
});

it('asks nobody who has asked for it, and only those whom the definition names', async () => {
  const rules = { min: 1, roles: ['finance'], people: [], notBy: 'ANA@shop.example', needsReason: true };
  const { sent, send } = mailing();
  await send(await asked('run-5', { rules }));
  await send(await asked('run-6', { mail: { to: ['Ana '], subject: null, text: null } }));
  expect(sent.map(({ to, key }) => [key.slice(0, 5), to])).toEqual([
    ['run-5', 'budi@shop.example'],
    ['run-6', 'ana@shop.example'],
  ]);
});

it('says so if there is nobody to ask', async () => {
  const { send } = mailing(undefined, { people: () => Promise.resolve(new Map()) });
  await expect(send(await asked('run-7'))).rejects.toThrow('Nobody in definitions/people.json may answer');
});
