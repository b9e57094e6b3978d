import { KaitError } from '../../errors.ts';
import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import { whoAmI } from '../who-am-i.ts';

export interface ReplayOptions {
  again?: boolean;
  reason?: string;
  definition?: string;
}

/**
 * `kait events replay`: offers the event to the definitions once more, of which only those start a run that have none for it. With
 * `again` and a `reason`, definitions that have a run get another.
 */
export async function replayEvent(
  api: ApiClient,
  source: string,
  eventId: string,
  { again = false, reason, definition }: ReplayOptions,
): Promise<string> {
  const name = printable(`${source}/${eventId}`);
  if (again !== (reason !== undefined)) {
    throw new KaitError('KAIT_USAGE', `--again and --reason <text> belong together. ${whatAgainDoes}`);
  }
  if (reason === undefined) {
    if (definition !== undefined) throw new KaitError('KAIT_USAGE', '--definition works only with --again.');
    return offer(api, { source, eventId }, name);
  }
  const request = { reason, by: whoAmI(), ...(definition && { definition }) };
  return runAgain(api, { source, eventId }, request, name);
}

const whatAgainDoes = 'Together they run the event again, with all of its effects, and record why.';

const whyNot: Record<string, string> = {
  unknown: 'there is no such event',
  unreadable: 'it could not be read; after its preset is fixed, use "events reread"',
  'under-way': 'it is being dispatched, or waits for a mistake to be corrected',
  'stored-again': 'it was stored again under another id, which "events show" names',
  'no-body': 'its body is no longer kept (keepBodies, keepEvents)',
  'no-run': 'it has no run to repeat; without --again, replay starts what is missing',
};

async function offer(api: ApiClient, key: { source: string; eventId: string }, name: string): Promise<string> {
  const params = { path: pathOf(key) };
  const answer = await answerOf(api.POST('/events/{source}/{event}/replay', { params }));
  const { replayed, why, runs, inDoubt, offeredTo } = answer;
  if (why === 'has-runs') {
    return [
      `Nothing was started: ${name} already has a run.`,
      ...runs.map((run) => (inDoubt.includes(run) ? `${indented(run)} (in doubt: see what happened)` : indented(run))),
      `To run it again, with all of its effects: --again --reason <text>.`,
    ].join('\n');
  }
  if (!replayed) return `Not replayed: ${name}: ${whyNot[why ?? ''] ?? why}.`;
  const to = offeredTo.length === 0 ? '' : ` to ${offeredTo.join(', ')}`;
  return [
    `Replayed ${name}${to}.`,
    ...(runs.length === 0 ? [] : ['What has a run is not started again:', ...runs.map(indented)]),
  ].join('\n');
}

async function runAgain(
  api: ApiClient,
  key: { source: string; eventId: string },
  request: { reason: string; by: string; definition?: string },
  name: string,
): Promise<string> {
  const params = { path: pathOf(key) };
  const asked = api.POST('/events/{source}/{event}/run-again', { params, body: request });
  const { refused, runs, notServed } = await answerOf(asked);
  const gone = `not served any more: ${notServed.join(', ')}`;
  if (refused === 'not-served') return `Nothing is run again: ${name}: its definitions are ${gone}.`;
  if (refused !== null) return `Nothing is run again: ${name}: ${whyNot[refused] ?? refused}.`;
  return [
    `${name} runs again, with all of its effects:`,
    ...runs.map(indented),
    ...(notServed.length === 0 ? [] : [`Not run again, because they are ${gone}.`]),
  ].join('\n');
}

function pathOf({ source, eventId }: { source: string; eventId: string }) {
  return { source, event: eventId };
}

function indented(workflowId: string): string {
  return `  ${printable(workflowId)}`;
}
