import { randomUUID } from 'node:crypto';
import { canonicalJson, type Json, type JsonObject } from '../../language/json.ts';
import { manualEvent } from '../../language/own-event.ts';
import { sha256Hex } from '../../language/sha256.ts';
import { isManual, ownSource } from '../../language/triggers.ts';
import { formatValueFaults, valueFaults } from '../../language/values/check-value.ts';
import type { Database } from '../../storage/database.ts';
import type { ServedDefinitions } from '../serve-definitions.ts';
import { workflowIdOf } from '../start-run.ts';
import { readOwnData } from './own-body.ts';
import { storeOwnEvent } from './store-own-event.ts';

export interface StartByHandDeps {
  database: Database;
  /** Its id. */
  installation: string;
  served: Pick<ServedDefinitions, 'definitions'>;
  now: () => Date;
  /** Called once something new is to be dispatched. */
  wake: () => void;
}

export interface StartByHandRequest {
  /** The definition's name. */
  definition: string;
  input: Json;
  /** Makes repeated requests one run. Undefined: every request is another one. */
  key?: string | undefined;
  /** Who asks, as their client says. */
  actor: string;
  /** Why, for the audit. */
  reason: string;
}

export type StartedByHand =
  /** `repeated`: a request with the same key came before; nothing new was started. The dispatcher starts the run within moments. */
  | { kind: 'accepted'; repeated: boolean; source: string; eventId: string; workflowId: string }
  /** No definition of this name is served. `names`: those that somebody can start. */
  | { kind: 'unknown'; names: string[] }
  | { kind: 'not-manual' }
  | { kind: 'invalid'; problem: string }
  /** The same key came before with another input. */
  | { kind: 'conflict' };

/** Bytes of the input as JSON: as much as a webhook may have. */
const longestInput = 1024 * 1024;

/**
 * Starts a run that somebody asks for, by storing an event that only its definition reacts to. So the run has everything that other runs
 * have, and survives a crash at any moment. The audit is written in the same statement.
 */
export async function startByHand(deps: StartByHandDeps, request: StartByHandRequest): Promise<StartedByHand> {
  const { definitions } = deps.served;
  const loaded = definitions.find(({ definition }) => definition.name === request.definition);
  const manual = definitions.filter(({ definition }) => isManual(definition.on));
  if (loaded === undefined) return { kind: 'unknown', names: manual.map(({ definition }) => definition.name) };
  const { name, on } = loaded.definition;
  if (!isManual(on)) return { kind: 'not-manual' };
  const problem = inputProblem(on.manual, request.input);
  if (problem !== null) return { kind: 'invalid', problem };
  const input = request.input as JsonObject; // Its schema asks for an object.
  const key = keyInId(request.key ?? randomUUID());
  const event = manualEvent(name, { key, input, receivedAt: deps.now().toISOString() });
  const workflowId = workflowIdOf(deps.installation, name, event);
  const stored = await storeOwnEvent(deps.database, event, { ...request, workflowId });
  if (!stored && (await differs(deps.database, event.id, input))) return { kind: 'conflict' };
  if (stored) deps.wake();
  return { kind: 'accepted', repeated: !stored, source: ownSource, eventId: event.id, workflowId };
}

/** Why a definition would not take an input; null if it does. */
function inputProblem(schema: JsonObject, input: Json): string | null {
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > longestInput) return `it takes ${bytes} bytes as JSON, and at most ${longestInput} are allowed`;
  const faults = valueFaults(schema, input);
  return faults.length === 0 ? null : formatValueFaults(faults);
}

const longestKeyInId = 120;

/** The part of the event's id. A key of any length and of any characters gets one that fits. */
function keyInId(key: string): string {
  return key.length <= longestKeyInId && /^[\x21-\x7e]+$/.test(key) ? key : `sha256:${sha256Hex(JSON.stringify(key))}`;
}

const bodySql = `
  select bodies.bytes from events join bodies on bodies.id = events.body_id
  where events.source = '${ownSource}' and events.event_id = $1`;

/** Once the input is no longer kept, nobody can tell; then it counts as the same. */
async function differs(database: Database, eventId: string, input: Json): Promise<boolean> {
  const [row] = await database.run<{ bytes: Uint8Array }>('own-event-body', bodySql, [eventId]);
  if (row === undefined) return false;
  return canonicalJson(readOwnData(Buffer.from(row.bytes))()) !== canonicalJson(input);
}
