import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { Mask } from '../../http/mask-secrets.ts';
import { shortened } from '../../language/printable.ts';
import { wellFormed } from '../../language/well-formed.ts';
import { lengthened } from '../retry-pause.ts';
import { toldBy } from './activity-errors.ts';

interface Thrown {
  name: string;
  kind: 'database' | 'network';
  mask: Mask;
  /** The pause that the step's retry policy makes. */
  pauseMs: number;
}

const longestMessage = 2_000;
const typePattern = /^[A-Za-z][A-Za-z0-9]{0,99}$/;

/** What Temporal is told of whatever an activity's own code has thrown. Kait's own failures stay as they are; no text shows a secret. */
export function ownFailure(error: unknown, { name, kind, mask, pauseMs }: Thrown): unknown {
  if (error instanceof TemporalFailure) return error;
  const text = (message: unknown) => wellFormed(shortened(mask.text(`${name}: ${String(message)}`), longestMessage));
  const told = toldBy(error);
  const isRolledBack = kind === 'database';
  if (told === null) {
    const failure = ApplicationFailure.create({
      type: error instanceof Error && typePattern.test(error.name) ? error.name : 'ActivityFailed',
      message: `${text(thrownText(error))}. Kait tries it again, as any error that is no PermanentError`,
      nonRetryable: false,
      details: [{ effect: isRolledBack ? 'none' : 'unknown' }],
    });
    return withStack(failure, error, mask);
  }
  const isPermanent = told.kind === 'permanent';
  const usual = isPermanent ? 'none' : 'unknown';
  const effect = isRolledBack ? 'none' : (told.effect ?? usual);
  const wishedMs = typeof told.retryAfterMs === 'number' ? told.retryAfterMs : null;
  const failure = ApplicationFailure.create({
    type: typeof told.type === 'string' && typePattern.test(told.type) ? told.type : 'ActivityFailed',
    message: text(told.message),
    nonRetryable: isPermanent,
    details: [{ effect: effect === 'none' ? 'none' : 'unknown' }],
    ...(isPermanent ? {} : nextDelay(lengthened(wishedMs, pauseMs))),
  });
  return withStack(failure, error, mask);
}

function nextDelay({ nextRetryDelayMs }: { nextRetryDelayMs?: number }): { nextRetryDelay?: number } {
  return nextRetryDelayMs === undefined ? {} : { nextRetryDelay: nextRetryDelayMs };
}

function thrownText(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : `${error.name}: ${error.message}`;
  if (typeof error === 'string') return `it threw the text ${JSON.stringify(error)} instead of an Error`;
  return `it threw ${error === null ? 'null' : `a value of the type ${typeof error}`} instead of an Error`;
}

/** Where the activity's own code threw it. */
function withStack(failure: ApplicationFailure, error: unknown, mask: Mask): ApplicationFailure {
  const places = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${failure.message}`, ...places.map((line) => mask.text(line))].join('\n');
  return failure;
}
