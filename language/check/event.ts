import { canonicalPaymentTypes } from '../event.ts';
import { closest } from '../closest.ts';
import type { Json } from '../json.ts';
import type { Path, Report } from './report.ts';
import { eventType } from './texts.ts';

/** Checks the event types that a trigger or a `waitFor` names: one, or a list. */
export function checkEventTypes(types: Json | undefined, path: Path, report: Report): void {
  if (typeof types === 'string') checkEventType(types, path, report);
  if (!Array.isArray(types)) return;
  for (const [position, type] of types.entries()) {
    if (typeof type === 'string') checkEventType(type, [...path, position], report);
  }
}

/** Native types are not known here, so only misspelt canonical types can be found. Those of payouts and subscriptions are open. */
function checkEventType(type: string, path: Path, report: Report): void {
  const canonical: readonly string[] = canonicalPaymentTypes;
  if (canonical.includes(type) || /^(payout|subscription)\./.test(type) || !eventType.safeParse(type).success) return;
  const near = closest(type, canonical);
  if (near === undefined) return;
  report.add('KAIT1113', { path }, `"${type}" is not a canonical event type.`, `Did you mean "${near}"?`);
}
