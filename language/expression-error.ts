import type { JsonObject } from './json.ts';

/**
 * Why an expression, a template or a duration has no value. Repeating it with the same scope fails again.
 * The codes are explained in `errors.ts`; messages name paths and types, never values, since they reach history and logs.
 */
export class ExpressionError extends Error {
  readonly code: ExpressionErrorCode;
  /** The innermost operation that failed, among those whose paths start at the roots. Undefined: no operation failed. */
  operation?: JsonObject;

  constructor(code: ExpressionErrorCode, message: string) {
    super(message);
    this.name = 'ExpressionError';
    this.code = code;
  }
}

export const expressionErrorCodes = [
  'KAIT_PATH_MISSING',
  'KAIT_EXPRESSION_INVALID',
  'KAIT_EXPRESSION_TYPE',
  'KAIT_EXPRESSION_LIMIT',
  'KAIT_DURATION_INVALID',
] as const;

export type ExpressionErrorCode = (typeof expressionErrorCodes)[number];
