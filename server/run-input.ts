import { createHash } from 'node:crypto';
import { dataReferencesOf, pathsOf } from '../language/data-references.ts';
import type { RunInput } from '../language/definition.ts';
import { reduceData } from '../language/reduce-data.ts';
import { sizeRefusal } from './start-limits.ts';

/** A run's input as JSON, which is written once: it is measured, sealed and sent. */
export interface PreparedInput {
  json: string;
  /** SHA-256 (hex) of the JSON: see `Sealed.inputDigest`. */
  digest: string;
}

const wholeData = 'event.data';
/** Bytes of an input as JSON. Temporal warns of arguments above 512 KiB, and each replay reads the whole input again. */
const largeInputBytes = 256 * 1_024;

/**
 * Prepares the input of a run. If it is large, the event's `data` keeps only the parts that the run can read; the inbox has all of it.
 * `refusal`: why no run can start with it.
 */
export function prepareInput(input: RunInput): PreparedInput | { refusal: string } {
  const measured = reducedJsonOf(input);
  const refusal = sizeRefusal(measured?.bytes ?? null);
  if (measured === null || refusal !== null) return { refusal: refusal ?? '' };
  return { json: measured.json, digest: createHash('sha256').update(measured.json).digest('hex') };
}

interface MeasuredJson {
  json: string;
  /** UTF-8. */
  bytes: number;
}

function reducedJsonOf(input: RunInput): MeasuredJson | null {
  const whole = jsonOf(input);
  if (whole !== null && whole.bytes <= largeInputBytes) return whole;
  const references = dataReferencesOf(input);
  const kept = pathsOf(references);
  if (whole !== null && kept.includes(wholeData)) return whole;
  const event = { ...input.event, data: reduceData(input.event.data, references) };
  return jsonOf({ ...input, event, reduced: { from: whole?.bytes ?? null, kept } });
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
