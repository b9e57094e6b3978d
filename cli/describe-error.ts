/** An error as the log shows it. */
export interface LoggedError {
  type: string;
  message: string;
  /** SQLSTATE, or a system code such as `ECONNREFUSED`. */
  code?: string;
  /** Where it was thrown. The message is not in it. */
  stack?: string;
  cause?: LoggedError;
}

const mostCauses = 3;
/** SQLSTATE: five characters, unlike the codes of the system. */
const sqlState = /^[0-9A-Z]{5}$/;

/**
 * Describes whatever was thrown, without its other members. Errors of database statements keep only their code: drizzle puts the
 * statement's values, which may be secrets, into the message, and PostgreSQL puts them into messages and details.
 */
export function describeError(error: unknown, causes = mostCauses): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const inStatement = 'params' in error || (code !== undefined && sqlState.test(code) && 'severity' in error);
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return {
    type: error.constructor.name,
    message: inStatement ? 'A database statement failed' : error.message,
    ...(code !== undefined && { code }),
    ...(places.length > 0 && { stack: places.join('\n') }),
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  };
}
