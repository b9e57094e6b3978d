import type { CanonicalEvent } from '../../language/event.ts';
import { dataReferencesOf, pathsOf } from '../../language/data-references.ts';
import type { Definition } from '../../language/definition.ts';
import { formatFindings } from '../../language/finding.ts';
import { guardOfTrigger } from '../../language/triggers.ts';
import { ignoredBecause } from '../../server/ignored-because.ts';
import { formatWhatIf } from '../../simulator/what-if/format-what-if.ts';
import type { Candidate } from '../../simulator/what-if/decide-event.ts';
import { createWhatIf, type StoredEvent } from '../../simulator/what-if/what-if.ts';
import { answerOf, ApiRefusal, type ApiClient } from '../api-client.ts';
import { installationOf, openDefinition } from '../open-definition.ts';

export interface WhatIfOptions {
  /** RFC 3339. */
  since: string;
  source?: string;
  /** The most events that are looked at. */
  limit: number;
  json?: boolean;
}

interface WhatIfDeps {
  api: ApiClient;
  write: (text: string) => void;
  /** For progress, which is no part of the output. */
  note: (text: string) => void;
}

/** Events on a page of the list, and events whose bodies are in memory at once. */
const pageSize = 200;
const atOnce = 4;
const noteEvery = 500;

/**
 * `kait what-if`: what a draft of a definition would decide otherwise about stored events. Resolves to the exit code, as of diff(1): 0 if
 * nothing, 1 if something, 2 if the draft has mistakes.
 */
export async function whatIf(file: string, options: WhatIfOptions, deps: WhatIfDeps): Promise<number> {
  const opened = await openDefinition(file, 'what-if');
  const { definition, children, settings, catalogue } = opened;
  if (opened.findings.length > 0) deps.note(formatFindings(opened));
  if (definition === null) return 2;
  const draft = { definition, children };
  const served = await servedDefinition(deps.api, definition.name);
  const surroundings = { ...installationOf(catalogue), settings: settings?.values ?? {} };
  const comparison = createWhatIf({ draft, served, surroundings });
  const readsData = [draft, ...(served === null ? [] : [served])].some(needsData);
  for await (const keys of keysOfEvents(deps.api, options)) {
    // In their order, so that the same events always give the same examples.
    const loaded = await Promise.all(keys.map((key) => loadEvent(deps.api, key, definition.name, readsData)));
    for (const each of loaded) {
      if (typeof each === 'string') comparison.skip(each);
      else await comparison.add(each);
      if (comparison.looked() % noteEvery === 0) deps.note(`${comparison.looked()} events …`);
    }
  }
  const result = comparison.result();
  deps.write(options.json === true ? JSON.stringify(result, null, 2) : formatWhatIf(result));
  return result.different === 0 ? 0 : 1;
}

/** Null if none of this name is served. */
async function servedDefinition(api: ApiClient, name: string): Promise<Candidate | null> {
  try {
    const asked = api.GET('/definitions/{definition}', { params: { path: { definition: name } } });
    const { definition, children } = await answerOf(asked);
    // Kait has checked them before it served them.
    return { definition: definition as Definition, children: children as Record<string, Definition> };
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return null;
    throw error;
  }
}

/** Whether a definition reads `event.data`, in its trigger or later. */
function needsData({ definition, children }: Candidate): boolean {
  const pinned = Object.entries(children).map(
    ([name, child]) => [name, { definition: child, definitionHash: '' }] as const,
  );
  const used = pathsOf(dataReferencesOf({ definition, children: Object.fromEntries(pinned) }));
  const guard = JSON.stringify(guardOfTrigger(definition.on) ?? null);
  return used.length > 0 || /event\.data|"event"|""/.test(guard);
}

interface EventKey {
  source: string;
  eventId: string;
}

/** A few at a time, newest first. */
async function* keysOfEvents(api: ApiClient, { since, source, limit }: WhatIfOptions): AsyncGenerator<EventKey[]> {
  const sinceMs = Date.parse(since);
  let left = limit;
  let cursor: string | null = null;
  do {
    const query: { limit: number; source?: string; cursor?: string } = {
      limit: Math.min(pageSize, left),
      ...(source !== undefined && { source }),
      ...(cursor !== null && { cursor }),
    };
    const { items, next } = await answerOf(api.GET('/events', { params: { query } }));
    const recent = items.filter(({ receivedAt }) => Date.parse(receivedAt) >= sinceMs);
    const read = recent.filter(({ state }) => state !== 'unreadable');
    for (let at = 0; at < read.length; at += atOnce) yield read.slice(at, at + atOnce);
    left -= items.length;
    cursor = recent.length < items.length || left <= 0 ? null : next;
  } while (cursor !== null);
}

/** The reason, if nothing can be told about an event. */
async function loadEvent(
  api: ApiClient,
  { source, eventId }: EventKey,
  definition: string,
  readsData: boolean,
): Promise<StoredEvent | string> {
  const path = { source, event: eventId };
  const shown = await answerOf(api.GET('/events/{source}/{event}', { params: { path } })).catch((error: unknown) => {
    if (error instanceof ApiRefusal && error.status === 404) return null; // It was deleted meanwhile.
    throw error;
  });
  if (shown?.hasDetails !== true) return 'their details are no longer kept';
  const { body, data, envelope, runs, state, lastError } = shown;
  if (state === 'ignored' && lastError === ignoredBecause.testEvent) return 'they are test events, which start nothing';
  if (readsData && body?.hidden !== null) return 'their bodies are no longer kept or cannot be read';
  const event = { ...(envelope as Omit<CanonicalEvent, 'data'>), data: data ?? null } as CanonicalEvent; // As stored.
  const hadRun = runs.some(({ workflowId }) => workflowId.split('/', 2)[1] === definition);
  return { event, hadRun };
}
