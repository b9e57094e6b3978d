/** The longest wait that a server can ask for. */
const retryAfterMaxMs = 24 * 60 * 60 * 1_000;
/** The shortest, so that `Retry-After: 0` does not cause a busy loop. */
const retryAfterMinMs = 1_000;

/** IMF-fixdate and an obsolete form that recipients must accept, as `asctimeDate` is (RFC 9110, section 5.6.7). */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
];
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * The wait in ms that a Retry-After header asks for (RFC 9110, section 10.2.3), from 1 s to 24 h. Null if there is none, or if
 * it is neither seconds nor an HTTP date. A date in the past means now.
 */
export function retryAfterMs(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return bounded(Number(text) * 1_000);
  const at = httpDateMs(text);
  return at === null ? null : bounded(at - now.getTime());
}

function httpDateMs(text: string): number | null {
  const utc = asctimeDate.test(text) ? `${text} GMT` : text;
  if (utc === text && !httpDates.some((form) => form.test(text))) return null;
  const at = Date.parse(utc);
  return Number.isNaN(at) ? null : at;
}

function bounded(waitMs: number): number {
  return Math.min(Math.max(waitMs, retryAfterMinMs), retryAfterMaxMs);
}
