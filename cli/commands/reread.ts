import pc from 'picocolors';
import { KaitError } from '../../errors.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components, operations } from '../api-types.ts';
import { table } from '../terminal.ts';

type Reading = components['schemas']['Reading'];
type RereadBody = NonNullable<operations['post_events_reread']['requestBody']>['content']['application/json'];
type Chunk = components['schemas']['RereadChunk'];

/** Which events to read again, and whether to write. */
export interface RereadOptions {
  source?: string | undefined;
  eventId?: string | undefined;
  /** RFC 3339. */
  since?: string | undefined;
  until?: string | undefined;
  state?: components['schemas']['ListedEvent']['state'][] | undefined;
  apply?: boolean | undefined;
  json?: boolean | undefined;
}

/**
 * `kait events reread`: reads stored bodies again with the presets of the running Kait, chunk by chunk. Prints each event that reads
 * differently, and writes only with `apply`. Stopped and started again, it goes on with what is left. `progress` gets one line for each
 * chunk but the last.
 */
export async function rereadEvents(
  api: ApiClient,
  options: RereadOptions,
  { print, progress }: { print: (text: string) => void; progress: (text: string) => void },
): Promise<void> {
  const { apply = false, json = false } = options;
  const selection = selectionOf(options);
  const total = { looked: 0, start: 0, update: 0, none: 0, keep: 0 };
  let place: { after: number; upTo?: number } | null = { after: 0 };
  while (place !== null) {
    const body: RereadBody = { ...selection, ...place, apply };
    const { looked, readings, next, upTo }: Chunk = await answerOf(api.POST('/events/reread', { body }));
    const changed = readings.filter(({ change }) => change !== 'none');
    total.looked += looked;
    for (const { change } of readings) total[change] += 1;
    for (const reading of changed) print(json ? JSON.stringify(reading) : readingText(reading));
    if (next !== null) progress(`${counted(total.looked)} read, ${total.start} to start`);
    place = next === null ? null : { after: next, upTo };
  }
  if (options.eventId !== undefined && total.looked === 0) {
    throw new KaitError(
      'KAIT_EVENT_UNKNOWN',
      `There is no event "${options.eventId}" of "${options.source ?? ''}". List the events with "kait events".`,
    );
  }
  if (!json) print(summaryText(total, apply));
}

function selectionOf({ source, eventId, since, until, state }: RereadOptions) {
  if (source === undefined && since === undefined && state === undefined) {
    throw new KaitError(
      'KAIT_USAGE',
      'Expected which events to read again: <source> <event-id>, --source, --state or --since.',
    );
  }
  return {
    ...(source === undefined ? {} : { source }),
    ...(eventId === undefined ? {} : { eventId }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(state === undefined ? {} : { states: state }),
  };
}

function readingText({ source, eventId, receivedAt, change, why, before, after }: Reading): string {
  const heading = `${marks[change]} ${pc.bold(`${source}/${eventId}`)} ${pc.dim(receivedAt)}${why === null ? '' : `  ${why}`}`;
  if (after === null) return heading;
  const rows = memberRows(before, after);
  return [heading, ...rows.map((row) => `    ${row}`)].join('\n');
}

const marks = { start: pc.green('+'), update: pc.yellow('~'), none: ' ', keep: pc.dim('=') };

function memberRows(before: Reading['before'], after: NonNullable<Reading['after']>): string[] {
  const members: [string, (each: NonNullable<Reading['after']>) => string][] = [
    ['id', ({ id }) => id],
    ['type', ({ type }) => type],
    ['amounts', ({ amounts }) => amounts.join(', ')],
    ['state', ({ state, reason }) => (reason === null ? state : `${state}: ${reason}`)],
  ];
  const changed = members.filter(([, read]) => before === null || read(before) !== read(after));
  if (changed.length === 0) return ['other members of the event'];
  const shown = changed.map(([name, read]) => [name, before === null ? '(new)' : read(before), '→', read(after)]);
  return table(['', '', '', ''], shown).split('\n').slice(1);
}

function summaryText(
  { looked, start, update, none, keep }: { looked: number; start: number; update: number; none: number; keep: number },
  apply: boolean,
): string {
  if (looked === 0) return 'No stored event matches. List the events with "kait events".';
  const did = apply ? `${start} dispatched, ${update} updated` : `${start} would be dispatched, ${update} updated`;
  const summary = `${counted(looked)} read: ${did}, ${none} unchanged, ${keep} left alone.`;
  return apply || start + update === 0 ? summary : `${summary} Nothing was written. To do it, add --apply.`;
}

function counted(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}
