import { activityInfo } from '@temporalio/activity';
import { pino } from 'pino';
import { inject, vi } from 'vitest';
import { createApprovalActivities } from '../../../activities/approvals.ts';
import type { ActivityFunctions } from '../../../activities/authorize.ts';
import { readPeople } from '../../../language/check/people-file.ts';
import type { ApproveStep } from '../../../language/definition.ts';
import { decide, type DecisionOutcome, type GivenDecision } from '../../../server/approvals/decide.ts';
import { listApprovals, type ShownApproval } from '../../../storage/approvals/approval-list.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import {
  startTemporalHost,
  type HostedRun,
  type RunOptions,
  type TemporalHost,
} from '../../workflows/temporal-host.ts';
import { sampleInstallation } from '../sample-installation.ts';

export const installation = sampleInstallation();

const file = {
  ana: { mail: 'ana@shop.example', roles: ['finance'] },
  budi: { name: 'Budi Santoso', mail: 'budi@shop.example', roles: ['finance', 'owner'] },
  sari: { mail: 'sari@shop.example', roles: ['support'] },
  tono: { roles: ['finance'] },
};

export interface SentMail {
  to: string;
  subject: string;
  text: string;
  key: string;
}

/** Runs that ask people, on a real Temporal and PGlite. */
export interface ApprovalWorld {
  host: TemporalHost;
  database: Database;
  people: () => Promise<ReturnType<typeof peopleOf>>;
  /** The mails, each key once. */
  mails: Map<string, SentMail>;
  /** Starts a run that asks, and waits until it does. */
  ask(step?: Partial<ApproveStep>, options?: RunOptions): Promise<{ run: HostedRun; asked: ShownApproval }>;
  find(run: HostedRun): Promise<ShownApproval | undefined>;
  answer(asked: ShownApproval, given: Partial<GivenDecision> & { by: string }): Promise<DecisionOutcome>;
  stop(): Promise<void>;
}

function peopleOf(text: string) {
  const { people } = readPeople({ file: 'people.json', text });
  if (people === null) throw new Error('The people of the tests are wrong');
  return people;
}

export async function openApprovalWorld({ cachedRuns = 0 }: { cachedRuns?: number } = {}): Promise<ApprovalWorld> {
  const database = await openTestDatabase();
  const people = () => Promise.resolve(peopleOf(JSON.stringify(file)));
  const mails = new Map<string, SentMail>();
  const activities = createApprovalActivities({
    ...{ database, installation, people, publicUrl: 'https://hooks.shop.example' },
    workflowId: () => activityInfo().workflowExecution?.workflowId ?? null,
    sendMail: ({ to, subject = '', text = '' }, { idempotencyKey }) => {
      mails.set(idempotencyKey, { to, subject, text, key: idempotencyKey });
      return Promise.resolve();
    },
  });
  const real: ActivityFunctions = {
    ...activities,
    'approvals.open': (input, context: object) =>
      activities['approvals.open'](input, { ...context, definition: 'hosted' }),
  };
  const host = await startTemporalHost(inject('temporal'), { real, cachedRuns });
  const log = pino({ level: 'silent' });
  const deps = { database, installation, people, workflows: () => host.client.workflow, log };

  async function find({ handle: { workflowId } }: HostedRun): Promise<ShownApproval | undefined> {
    const [found] = await listApprovals(database, { state: 'all', limit: 1, workflowId });
    return found;
  }

  return {
    ...{ host, database, people, mails, find },
    async ask(step = {}, options = {}) {
      const ok: ApproveStep = { id: 'ok', approve: 'Refund {{event.payment.amount}}?', timeout: '1h', ...step };
      const run = await host.start({ steps: [ok], output: '{{steps.ok}}' }, options);
      return {
        run,
        asked: await vi.waitFor(async () => (await find(run)) ?? Promise.reject(new Error('not asked')), 10_000),
      };
    },
    answer: (asked, { by, ...given }) =>
      decide(deps, asked, { by, approved: true, reason: null, via: 'api', address: null, link: null, ...given }),
    async stop() {
      await host.stop();
      await database.close();
    },
  };
}
