import { and, eq } from 'drizzle-orm';
import type { CanonicalEvent } from '../language/event.ts';
import { explainCondition } from '../language/explain-condition.ts';
import type { Json } from '../language/json.ts';
import { matchTrigger, type TriggerVerdict } from '../language/match-trigger.ts';
import { parseJson } from '../language/parse-json.ts';
import { guardOfTrigger, ownSource } from '../language/triggers.ts';
import type { Database } from '../storage/database.ts';
import { bodies, events } from '../storage/schema.ts';
import { envelopeColumns, readEnvelope } from '../storage/stored-envelope.ts';
import { type FieldOrigin, fieldOrigins } from './gateway/field-origins.ts';
import type { CompiledPreset, Presets } from './gateway/presets.ts';
import { createRequestView } from './gateway/request-view.ts';
import type { LoadedDefinition } from './load-definitions.ts';

/** Why an event is believed, what its fields were read from, and why it started what it started. */
export interface ExplainedEvent {
  /** Null: the event is Kait's own, or its preset is no longer there. */
  verification: {
    /** Whether every scheme must accept a request, or one of them. */
    mode: 'all' | 'any';
    /** As the preset declares them: see `gateway.schema.json`. They name where secrets come from, and hold none. */
    schemes: unknown[];
  } | null;
  /** Of the fields that were read from what the gateway sent. Empty if that is no longer kept. */
  origins: FieldOrigin[];
  /** Of each definition that is served now. */
  triggers: (TriggerVerdict & { definition: string; because: string | null })[];
}

interface Deps {
  database: Database;
  presets: Presets;
  served: { definitions: readonly LoadedDefinition[] };
}

/** Explains an event as it would be read and offered now. Null if there is no such event. */
export async function explainEvent(
  { database, presets, served }: Deps,
  key: { source: string; eventId: string },
  nowMs: number,
): Promise<ExplainedEvent | null> {
  const [row] = await database.orm
    .select({
      ...{ item: events.item, packed: envelopeColumns },
      body: { bytes: bodies.bytes, contentType: bodies.contentType, headers: bodies.headers },
    })
    .from(events)
    .leftJoin(bodies, eq(bodies.id, events.bodyId))
    .where(and(eq(events.source, key.source), eq(events.eventId, key.eventId)));
  if (row === undefined) return null;
  const { packed, item, body } = row;
  const isOwn = packed.gateway === ownSource;
  const preset = isOwn ? undefined : presets.get(packed.gateway);
  const read = preset === undefined || body === null ? null : readAgain(preset, { type: packed.type, item, body });
  // What is no longer kept counts as null.
  const envelope = readEnvelope({ ...packed, envelope: packed.envelope ?? {} });
  const own = isOwn && body !== null ? parseJson(Buffer.from(body.bytes).toString('utf8')) : null;
  const event = { ...envelope, data: read?.data ?? own } as CanonicalEvent; // It is null only without an envelope.
  return {
    verification:
      preset === undefined ? null : { mode: preset.verify.every ? 'all' : 'any', schemes: schemesOf(preset) },
    origins: read?.origins ?? [],
    triggers: served.definitions.map((loaded) => verdictOf(loaded, event, nowMs)),
  };
}

function schemesOf({ declared: { verify } }: CompiledPreset): unknown[] {
  return verify.any ?? verify.all ?? [];
}

interface StoredEvent {
  item: number;
  type: string;
  body: { bytes: Buffer | Uint8Array; contentType: string; headers: unknown };
}

function readAgain(preset: CompiledPreset, { item: index, type, body }: StoredEvent) {
  const headers = { ...(body.headers as Record<string, string> | null), 'content-type': body.contentType };
  const request = { method: 'POST', url: '/', headers, body: Buffer.from(body.bytes) };
  const view = createRequestView(request, preset.body);
  const { document } = view.body();
  const item = document === undefined ? undefined : preset.items(document)?.[index];
  if (item === undefined) return null;
  const itemPointer = preset.batch ? preset.itemPointer(index) : '';
  return { data: preset.redact(item), origins: fieldOrigins({ preset, view, item, itemPointer, canonicalType: type }) };
}

function verdictOf({ definition, settings = {} }: LoadedDefinition, event: CanonicalEvent, nowMs: number) {
  const verdict = matchTrigger(definition, event, settings);
  const guard = guardOfTrigger(definition.on);
  const scope = { event: event as unknown as Json, settings }; // An envelope is JSON by construction.
  const because = verdict.by === 'if' && guard !== undefined ? explainCondition(guard, { scope, nowMs }) : null;
  return { ...verdict, definition: definition.name, because };
}
