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
const statementFailed = 'A database statement failed';
/** SQLSTATE: five characters, unlike the codes of the system. */
const sqlState = /^[0-9A-Z]{5}$/;

/**
 * Describes whatever was thrown, without its other members. Errors of database statements keep only their code: drizzle puts the
 * statement's values, which may be secrets, into the message, and PostgreSQL puts them into messages and details.
 */
export function describeError(error: unknown, causes = mostCauses): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const inStatement = isOfStatement(error, code);
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return {
    type: error.constructor.name,
    message: inStatement ? statementFailed : withoutSecrets(error.message),
    ...(code !== undefined && { code }),
    ...(places.length > 0 && { stack: places.join('\n') }),
    ...(error.cause !== undefined && causes > 0 && { cause: describeError(error.cause, causes - 1) }),
  };
}

function isOfStatement(error: Error, code: string | undefined): boolean {
  return 'params' in error || (code !== undefined && sqlState.test(code) && 'severity' in error);
}

/**
 * The reason that an error gives, in one text: for log lines, for what is stored, and for Temporal. Says of a failed database statement only
 * its code. Drivers throw an AggregateError with one error per address and an empty message of its own; the first one speaks for all.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0]);
  if (!(error instanceof Error)) return withoutSecrets(String(error));
  const { message, code, cause } = describeError(error);
  if (message !== statementFailed) return message || error.name;
  const known = code ?? cause?.code;
  return known === undefined ? message : `${message} (${known})`;
}

/** The user and password in a URL, and what follows its path, may be secrets. So errors that quote a URL lose them. */
export function withoutSecrets(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/\b([a-z][a-z\d+.-]*:\/\/)[^\s"'<>]*@/gi, '$1[redacted]@')
    .replace(/\b([a-z][a-z\d+.-]*:\/\/[^\s"'<>?#]*)[?#][^\s"'<>]*/gi, '$1?[redacted]');
}
