import pc from 'picocolors';
import { z } from 'zod';
import { formatFaults } from '../../server/faults.ts';
import { answerOf, type ApiClient } from '../api-client.ts';

const fault = z.object({
  kind: z.enum([
    'definition',
    'activity',
    'preset',
    'source',
    'mail-template',
    'event-type',
    'secrets',
    'settings',
    'people',
  ]),
  what: z.string(),
  problem: z.string(),
  meanwhile: z.string(),
});
const taskQueue = z.looseObject({ name: z.string(), serves: z.string(), state: z.string() });
const runningProcess = z.looseObject({
  kind: z.string(),
  name: z.string(),
  problem: z.string().nullable(),
  notes: z.array(z.string()),
});
const statusSchema = z.looseObject({
  faults: z.array(fault).default([]),
  taskQueues: z.array(taskQueue).default([]),
  definitionsFrom: z.looseObject({ waits: z.string().nullable().optional() }).optional(),
  processes: z.array(runningProcess).optional(),
});

/**
 * `kait status`: what is running where, as JSON. `warn` gets the mistakes that Kait has started in spite of, the task queues without a
 * worker, and what keeps the newest published set from being served.
 */
export async function showStatus(
  api: ApiClient,
  warn: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<string> {
  const status = statusSchema.parse(await answerOf(api.GET('/status')));
  if (status.faults.length > 0) warn(`${pc.red(formatFaults(status.faults))}\n\n`);
  for (const { name, serves } of status.taskQueues.filter(({ state }) => state === 'unserved')) {
    warn(`${pc.yellow(`No worker serves the task queue ${name} (${serves}). What is due there waits.`)}\n\n`);
  }
  const { definitionsFrom, processes = [] } = status;
  if (typeof definitionsFrom?.waits === 'string') warn(`${pc.yellow(definitionsFrom.waits)}\n\n`);
  for (const { kind, name, notes } of processes.filter((each) => each.notes.length > 0)) {
    warn(
      `${pc.yellow(`The ${kind} ${name} differs from what the published set was made for: ${notes.join(' ')}`)}\n\n`,
    );
  }
  return JSON.stringify(status, null, 2);
}
