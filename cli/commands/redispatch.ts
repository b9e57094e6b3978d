import { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { printable } from '../../language/printable.ts';
import type { AdminClient } from '../admin-client.ts';
import { whoAmI } from '../who-am-i.ts';

export interface RedispatchOptions {
  again?: boolean;
  reason?: string;
  definition?: string;
}

/**
 * `kait events redispatch`: offers the event to the definitions once more, of which only those start a run that have none for it. With
 * `again` and a `reason`, definitions that have a run get another.
 */
export async function redispatchEvent(
  admin: AdminClient,
  source: string,
  eventId: string,
  { again = false, reason, definition }: RedispatchOptions,
): Promise<string> {
  const name = printable(`${source}/${eventId}`);
  if (again !== (reason !== undefined)) {
    throw new KaitError('KAIT_USAGE', `--again and --reason <text> belong together. ${whatAgainDoes}`);
  }
  if (reason === undefined) {
    if (definition !== undefined) throw new KaitError('KAIT_USAGE', '--definition works only with --again.');
    return offer(admin, { source, eventId }, name);
  }
  const request = { reason, by: whoAmI(), ...(definition && { definition }) };
  return runAgain(admin, { source, eventId }, request, name);
}

const whatAgainDoes = 'Together they run the event again, with all of its effects, and record why.';

const whyNot: Record<string, string> = {
  unknown: 'there is no such event',
  unreadable: 'it could not be read; after its preset is fixed, use "events reread"',
  'under-way': 'it is being dispatched, or waits for a mistake to be corrected',
  'stored-again': 'it was stored again under another id, which "events show" names',
  'no-body': 'its body is no longer kept (keepBodies, keepEvents)',
  'no-run': 'it has no run to repeat; without --again, redispatch starts what is missing',
};

const offeredSchema = z.object({
  redispatched: z.boolean(),
  why: z.string().nullable(),
  runs: z.array(z.string()),
  inDoubt: z.array(z.string()),
  offeredTo: z.array(z.string()),
});

async function offer(admin: AdminClient, key: { source: string; eventId: string }, name: string): Promise<string> {
  const answer = offeredSchema.parse(await admin.post(`${eventPath(key)}/redispatch`, {}));
  const { redispatched, why, runs, inDoubt, offeredTo } = answer;
  if (why === 'has-runs') {
    return [
      `Nothing was started: ${name} already has a run.`,
      ...runs.map((run) => (inDoubt.includes(run) ? `${indented(run)} (in doubt: see what happened)` : indented(run))),
      `To run it again, with all of its effects: --again --reason <text>.`,
    ].join('\n');
  }
  if (!redispatched) return `Not redispatched: ${name}: ${whyNot[why ?? ''] ?? why}.`;
  const to = offeredTo.length === 0 ? '' : ` to ${offeredTo.join(', ')}`;
  return [
    `Redispatched ${name}${to}.`,
    ...(runs.length === 0 ? [] : ['What has a run is not started again:', ...runs.map(indented)]),
  ].join('\n');
}

const againSchema = z.object({
  refused: z.string().nullable(),
  runs: z.array(z.string()),
  notServed: z.array(z.string()),
});

async function runAgain(
  admin: AdminClient,
  key: { source: string; eventId: string },
  request: object,
  name: string,
): Promise<string> {
  const { refused, runs, notServed } = againSchema.parse(await admin.post(`${eventPath(key)}/run-again`, request));
  const gone = `not served any more: ${notServed.join(', ')}`;
  if (refused === 'not-served') return `Nothing is run again: ${name}: its definitions are ${gone}.`;
  if (refused !== null) return `Nothing is run again: ${name}: ${whyNot[refused] ?? refused}.`;
  return [
    `${name} runs again, with all of its effects:`,
    ...runs.map(indented),
    ...(notServed.length === 0 ? [] : [`Not run again, because they are ${gone}.`]),
  ].join('\n');
}

function eventPath({ source, eventId }: { source: string; eventId: string }): string {
  return `/api/v1/events/${encodeURIComponent(source)}/${encodeURIComponent(eventId)}`;
}

function indented(workflowId: string): string {
  return `  ${printable(workflowId)}`;
}
