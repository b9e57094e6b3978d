import pc from 'picocolors';
import { z } from 'zod';
import { formatFaults } from '../../server/faults.ts';
import type { AdminClient } from '../admin-client.ts';

const fault = z.object({
  kind: z.enum(['definition', 'activity', 'preset', 'source', 'mail-template', 'secrets', 'settings']),
  what: z.string(),
  problem: z.string(),
  meanwhile: z.string(),
});
const taskQueue = z.looseObject({ name: z.string(), serves: z.string(), state: z.string() });
const statusSchema = z.looseObject({
  faults: z.array(fault).default([]),
  taskQueues: z.array(taskQueue).default([]),
});

/**
 * `kait status`: what is running where, as JSON. `warn` gets the mistakes that Kait has started in spite of, and the task queues
 * without a worker.
 */
export async function showStatus(
  admin: AdminClient,
  warn: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<string> {
  const status = statusSchema.parse(await admin.get('/v1/status'));
  if (status.faults.length > 0) warn(`${pc.red(formatFaults(status.faults))}\n\n`);
  for (const { name, serves } of status.taskQueues.filter(({ state }) => state === 'unserved')) {
    warn(`${pc.yellow(`No worker serves the task queue ${name} (${serves}). What is due there waits.`)}\n\n`);
  }
  return JSON.stringify(status, null, 2);
}
