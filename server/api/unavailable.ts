import { ApiProblem } from './problem.ts';

/*
 * A database or a Temporal that is away is no fault of the request, nor of Kait's: whoever asks may ask again. The errors are those of the drivers, so
 * this goes by their codes and, where they have none, by their messages.
 */

/** gRPC: cancelled, deadline exceeded, resource exhausted, unavailable. */
const grpcCodes = new Set([1, 4, 8, 14]);
/** Of the SDK and of Kait. Some are not exported. */
const temporalErrors = new Set(['TransportError', 'ShutdownError', 'IllegalStateError']);

/**
 * SQLSTATE: no connection (08), shut down or starting (57P01 to 57P05), too many connections (53300), a statement that took too long (57014), a
 * server that has become a replica (25006).
 */
const sqlStates = /^(?:08[0-9A-Z]{3}|57P0[1-5]|53300|57014|25006)$/;
const systemCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);
/** Errors of pg, pg-pool and PGlite that have no code. */
const databaseMessages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after|Client was closed|PGlite is clos)/;

const mostCauses = 5;

/** The problem to answer if an error says that the database or Temporal is away; null if it says something else. */
export function unavailableOf(error: unknown): ApiProblem | null {
  let each: unknown = error;
  for (let depth = 0; depth < mostCauses && each instanceof Error; depth += 1) {
    const what = whatIsAway(each);
    if (what !== null) return unavailable(what);
    each = each instanceof AggregateError ? (each.errors[0] as unknown) : each.cause;
  }
  return null;
}

function whatIsAway(error: Error): string | null {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (error.name === 'DeadlineError') return error.message.replace(/ within \d+ ms$/, '');
  if (typeof code === 'number' && 'details' in error) return grpcCodes.has(code) ? 'Temporal did not answer' : null;
  if (error.name === 'TemporalToCome') return error.message; // See `cli/compose/temporal-to-come.ts`.
  if (temporalErrors.has(error.name)) return 'Temporal did not answer';
  const isDatabase =
    typeof code === 'string' ? sqlStates.test(code) || systemCodes.has(code) : databaseMessages.test(error.message);
  return isDatabase ? 'The database did not answer' : null;
}

function unavailable(what: string): ApiProblem {
  const detail = `${what}. Send the request again.`;
  return new ApiProblem(503, 'unavailable', detail, { headers: { 'retry-after': '5' } });
}
