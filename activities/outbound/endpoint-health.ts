import type { EndpointNotice, EndpointState } from '../../storage/schema.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';

/** What an endpoint's row says about how its webhooks went lately. */
export interface EndpointHealth {
  state: EndpointState;
  disabledReason: string | null;
  /** Attempts in a row that failed. */
  failures: number;
  /** Since when every attempt has failed. Null: the last one succeeded. */
  failingSince: Date | null;
  /** The circuit is open until then, and half open from then on. Null: it is closed. */
  openUntil: Date | null;
  /** How often it was opened in a row. */
  openings: number;
}

export interface HealthChange {
  health: EndpointHealth;
  /** Null: nothing that anybody has to know. */
  notice: { kind: EndpointNotice; reason: string } | null;
}

/** An attempt that ended. */
export interface EndedAttempt {
  outcome: AttemptOutcome;
  at: Date;
  /** Whether it was the one that a half-open circuit lets through. */
  isProbe: boolean;
}

/** So many failures in a row open the circuit. A receiver that answers some requests keeps it closed. */
const failuresToOpen = 5;
/** How long the circuit stays open: longer each time that the probe fails. */
const openForMs = [30_000, 60_000, 2 * 60_000, 5 * 60_000, 10 * 60_000, 15 * 60_000];

/**
 * What an attempt means for its endpoint. Null if it changes nothing, as a success of a healthy endpoint does. 429 counts neither as a success
 * nor as a failure: a receiver that asks for a pause is there.
 */
export function healthAfter(
  health: EndpointHealth,
  { outcome, at, isProbe }: EndedAttempt,
  { disableAfterMs }: { disableAfterMs: number | null },
): HealthChange | null {
  if (outcome.kind === 'delivered') return recovered(health);
  if (outcome.kind === 'permanent' && outcome.disabledReason !== null)
    return disabled(health, outcome.disabledReason, at);
  if (outcome.kind === 'permanent' || outcome.isBusy) return null;

  const failingSince = health.failingSince ?? at;
  const failed = { ...health, failures: health.failures + 1, failingSince };
  const failingForMs = at.getTime() - failingSince.getTime();
  if (health.state === 'enabled' && disableAfterMs !== null && failingForMs >= disableAfterMs) {
    return disabled(failed, `every attempt has failed since ${failingSince.toISOString()}`, at);
  }
  // An attempt that began before the circuit was opened says nothing new.
  const opens = health.openUntil === null ? failed.failures >= failuresToOpen : isProbe;
  if (!opens) return { health: failed, notice: null };
  const pauseMs = openForMs[Math.min(health.openings, openForMs.length - 1)] ?? 0;
  return {
    health: { ...failed, openUntil: new Date(at.getTime() + pauseMs), openings: health.openings + 1 },
    notice: health.openings === 0 ? { kind: 'failing', reason: outcome.reason } : null,
  };
}

function recovered(health: EndpointHealth): HealthChange | null {
  if (health.failures === 0 && health.failingSince === null && health.openUntil === null) return null;
  return {
    health: { ...health, failures: 0, failingSince: null, openUntil: null, openings: 0 },
    notice: health.openings > 0 ? { kind: 'recovered', reason: '' } : null,
  };
}

/** Somebody may have paused it meanwhile, or another attempt may have disabled it. */
function disabled(health: EndpointHealth, reason: string, at: Date): HealthChange | null {
  if (health.state === 'disabled') return null;
  const failing = { failures: health.failures, failingSince: health.failingSince ?? at };
  return {
    health: { ...health, ...failing, state: 'disabled', disabledReason: reason, openUntil: null, openings: 0 },
    notice: { kind: 'disabled', reason },
  };
}
