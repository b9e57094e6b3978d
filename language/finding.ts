import type { FindingCode } from './codes.ts';

/** One mistake, or one thing to look at, in the text of a definition. */
export interface Finding {
  code: FindingCode;
  /** An `error` keeps the definition from being loaded; a `warning` does not. */
  severity: 'error' | 'warning';
  /** What was expected, and what stands there instead. */
  message: string;
  /** What to write instead, where that can be told. */
  hint?: string;
  file: string;
  /** Both count from 1; columns are UTF-16 code units, as in editors. */
  line: number;
  column: number;
  /** UTF-16 code units from there, at least 1. */
  length: number;
  /** RFC 6901; empty for the whole document. */
  pointer: string;
}
