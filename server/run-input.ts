import { createHash } from 'node:crypto';
import { dataReferencesOf, pathsOf } from '../language/data-references.ts';
import type { RunInput } from '../language/definition.ts';
import { reduceData } from '../language/reduce-data.ts';
import { largeValueBytes } from '../language/large-value.ts';
import { lengthRefusal, mostInputBytes, sizeRefusal } from './start-limits.ts';

/** A run's input as JSON, which is written once: it is measured, sealed and sent. */
export interface PreparedInput {
  json: string;
  /** SHA-256 (hex) of the JSON: see `Sealed.inputDigest`. */
  digest: string;
  /** Whether Temporal's history only refers to it. */
  isLarge: boolean;
}

const wholeData = 'event.data';

/**
 * Prepares the input of a run. If it is large, the event's `data` keeps only the parts that the run can read; the inbox has all of it.
 * `refusal`: why no run can start with it. What is much too long is never written as JSON, which would keep the process busy.
 */
export function prepareInput(input: RunInput): PreparedInput | { refusal: string } {
  const least = leastBytesOf(input);
  const whole = least > largeValueBytes ? null : jsonOf(input);
  if (whole !== null && whole.bytes <= largeValueBytes) return sealable(whole);
  const references = dataReferencesOf(input);
  const kept = pathsOf(references);
  if (kept.includes(wholeData)) return whole === null ? written(input, least) : sealable(whole);
  const event = { ...input.event, data: reduceData(input.event.data, references) };
  const reduced = { ...input, event, reduced: { kept } };
  return written(reduced, leastBytesOf(reduced));
}

function written(input: RunInput, least: number): PreparedInput | { refusal: string } {
  return least > mostInputBytes ? { refusal: lengthRefusal } : sealable(jsonOf(input));
}

function sealable(measured: MeasuredJson | null): PreparedInput | { refusal: string } {
  const refusal = sizeRefusal(measured?.bytes ?? null);
  if (measured === null || refusal !== null) return { refusal: refusal ?? '' };
  const { json, bytes } = measured;
  return { json, digest: createHash('sha256').update(json).digest('hex'), isLarge: bytes > largeValueBytes };
}

interface MeasuredJson {
  json: string;
  /** UTF-8. */
  bytes: number;
}

/** Null if the value is nested too deeply, or longer than a text may be. */
function jsonOf(value: unknown): MeasuredJson | null {
  try {
    const json = JSON.stringify(value);
    return { json, bytes: Buffer.byteLength(json) };
  } catch {
    return null;
  }
}

/**
 * A number of bytes that the value exceeds or reaches as JSON, whatever its characters are. Looks at no more of it than what makes it too
 * long for a run.
 */
function leastBytesOf(value: unknown): number {
  const open = [value];
  let least = 0;
  while (open.length > 0 && least <= mostInputBytes) {
    const next = open.pop();
    if (typeof next === 'string') least += next.length;
    else if (typeof next !== 'object' || next === null) least += 1;
    else if (Array.isArray(next)) {
      least += next.length;
      if (least <= mostInputBytes) for (const item of next) open.push(item);
    } else {
      // `Object.entries` would take a second for a million members.
      for (const key in next) {
        const member = (next as Record<string, unknown>)[key];
        if (member === undefined) continue;
        least += key.length;
        if (least > mostInputBytes) break;
        open.push(member);
      }
    }
  }
  return least;
}
