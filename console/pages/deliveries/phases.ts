import type { components } from '../../../cli/api-types.ts';

type Request = components['schemas']['ShownDelivery']['requests'][number];
export type Timings = NonNullable<Request['timings']>;
export type PhaseName = 'dns' | 'connect' | 'tls' | 'wait' | 'read';

/** A part of an attempt. */
export interface Phase {
  name: PhaseName;
  fromMs: number;
  ms: number;
}

/**
 * Where the time of an attempt went, one after the other. `wait` is from the request until the first byte of the answer, `read` the rest. What did not
 * happen is left out. Clocks and rounding may make the parts longer than the whole: each is cut at its end.
 */
export function phasesOf({ dnsMs, connectMs, tlsMs, firstByteMs, totalMs }: Timings): Phase[] {
  const phases: Phase[] = [];
  let at = 0;
  const add = (name: PhaseName, ms: number | undefined) => {
    if (ms === undefined || ms < 0) return;
    const cut = Math.min(ms, Math.max(0, totalMs - at));
    phases.push({ name, fromMs: at, ms: cut });
    at += cut;
  };
  add('dns', dnsMs);
  add('connect', connectMs);
  add('tls', tlsMs);
  add('wait', firstByteMs === undefined ? undefined : Math.max(0, firstByteMs - at));
  if (firstByteMs !== undefined) add('read', Math.max(0, totalMs - at));
  return phases;
}
