/**
 * Every deliberate error of a Kait process. The key is the code that users see and search for; `docs/ERRORS.md` is
 * generated from this table, and a test keeps the two and the code's uses together. Findings in definitions have a table
 * of their own, `language/codes.ts`.
 */
export const errorTable = {
  KAIT_CONFIG_INVALID:
    'A setting has a value that Kait cannot use. The message names the variable and what it expects.',
  KAIT_PORT_IN_USE: 'Another program listens on the port. Stop it, or choose another port with the variable named.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code of the table above. `message` says what was expected, what came, and where. */
export class KaitError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KaitError';
    this.code = code;
  }
}
