import { expect, it } from 'vitest';
import { checkRetention } from '../../server/check-retention.ts';

/** What is logged if Temporal answers like that. */
async function loggedFor(describeNamespace: () => Promise<unknown>): Promise<unknown[]> {
  const logged: unknown[] = [];
  const connection = { workflowService: { describeNamespace } } as unknown; // Only this method is called.
  await checkRetention({
    connection: connection as Parameters<typeof checkRetention>[0]['connection'],
    namespace: 'shop',
    log: {
      info: (...line: unknown[]) => void logged.push(['info', ...line]),
      warn: (...line: unknown[]) => void logged.push(['warn', ...line]),
    },
  });
  return logged;
}

const retentionOf = (seconds: unknown) => () =>
  Promise.resolve({ config: { workflowExecutionRetentionTtl: { seconds } } });

it.each([86_400, 259_200])('says nothing if ended runs are kept for %d s', async (seconds) => {
  expect(await loggedFor(retentionOf(seconds))).toEqual([]);
});

it('warns of a namespace that forgets runs within a day, and says what to do', async () => {
  expect(await loggedFor(retentionOf(86_399))).toEqual([
    [
      'warn',
      {
        ...{ namespace: 'shop', hours: 86_399 / 3_600, leastHours: 24 },
        remedy: 'temporal operator namespace update --namespace shop --retention 72h',
      },
      'the namespace forgets ended runs too early: a start that is repeated after a crash may run twice',
    ],
  ]);
});

it.each([
  ['Temporal does not allow it', () => Promise.reject(new Error('Request unauthorized.')), 'Request unauthorized.'],
  ['the answer lacks it', () => Promise.resolve({}), 'Temporal does not say it'],
])('says that it does not know, and goes on, if %s', async (_why, answer, reason) => {
  expect(await loggedFor(answer)).toEqual([
    [
      'info',
      { namespace: 'shop', reason, leastHours: 24 },
      'the retention of the namespace is unknown; it must be a day at least',
    ],
  ]);
});
