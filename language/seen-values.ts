import type { Json, JsonObject } from './json.ts';
import { lookUp } from './path.ts';
import { pathParts } from './path-parts.ts';
import type { Scope } from './scope.ts';

/** What never changes and lives as long as its run: keeping it costs nothing. */
const lasting = new Set(['event', 'settings', 'run']);
/** Longer texts are not kept for later. */
const longestText = 200;
const longestPath = 256;

/**
 * The values that a condition reads, so that it can be explained later, when its scope has changed: see `scopeSeen`. Without those of the lasting
 * roots. Null: it reads a large value, or one by a computed path, so it can only be explained now.
 */
export function seenBy(logic: Json, scope: Scope): JsonObject | null {
  const seen: JsonObject = {};
  return copyAll(logic, scope, seen) ? seen : null;
}

/** A scope for {@link seenBy}'s values. */
export function scopeSeen(
  seen: JsonObject,
  { event, settings, run }: Pick<Scope, 'event' | 'settings' | 'run'>,
): Scope {
  return { steps: {}, status: {}, vars: {}, event, run, ...(settings && { settings }), ...seen }; // Each root as it was.
}

/** Copies what every text of a condition leads to that could be a path. Returns false if something is too large, or a path is computed. */
function copyAll(logic: Json, scope: Scope, seen: JsonObject): boolean {
  if (typeof logic === 'string') {
    if (!logic.includes('{{')) return copy(logic, scope, seen);
    const paths = [...logic.matchAll(/\{\{\s*([^{}]*[^{}\s])\s*\}\}/g)];
    return paths.every(([, path = '']) => copy(path, scope, seen));
  }
  if (logic === null || typeof logic !== 'object') return true;
  for (const [key, member] of Object.entries(logic)) {
    if (key === 'var' && isComputed(member)) return false;
    if (!copyAll(member, scope, seen)) return false;
  }
  return true;
}

function isComputed(argument: Json): boolean {
  const path = Array.isArray(argument) ? argument[0] : argument;
  return typeof path === 'object' && path !== null;
}

/** Returns false if the value is too large to be kept. */
function copy(path: string, scope: Scope, seen: JsonObject): boolean {
  if (path.length > longestPath) return true;
  const end = path.search(/[.[]/);
  const root = end === -1 ? path : path.slice(0, end);
  if (lasting.has(root) || !Object.hasOwn(scope, root)) return true;
  const found = lookUp(path, scope as unknown as Json); // All its roots are JSON.
  if (!found.found) return true;
  if (!isSmall(found.value)) return false;
  const parts = pathParts(path);
  if (parts.includes('__proto__')) return false; // Nobody's name in earnest.
  setAt(seen, parts, found.value);
  return true;
}

function isSmall(value: Json): boolean {
  return typeof value === 'string' ? value.length <= longestText : value === null || typeof value !== 'object';
}

/** Lists become objects whose names are positions: paths lead through both. */
function setAt(root: JsonObject, parts: readonly string[], value: Json): void {
  let place = root;
  for (const part of parts.slice(0, -1)) {
    if (!Object.hasOwn(place, part)) place[part] = {};
    place = place[part] as JsonObject; // Made here, too.
  }
  place[parts.at(-1) ?? ''] = value;
}
