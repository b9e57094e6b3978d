import { formatMoney } from '../../language/operators/money.ts';
import type { CanonicalEvent, Payment } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { activityFailure } from '../failure-types.ts';

/** A mail's texts, which may hold placeholders such as `{{event.payment.id}}`. */
export interface MailTemplate {
  subject: string;
  text: string;
}

/** The event as the inbox stores it: without the native body. */
export type EventEnvelope = Omit<CanonicalEvent, 'data'>;

const placeholder = /\{\{(.*?)\}\}/gs;
/** `event.payment.id`, optionally with a fallback for a missing value after a bar: `… | friend`. */
const reference = /^\s*(?<root>event|values|money)(?<path>(\.[A-Za-z0-9_-]+)*)\s*(\|(?<otherwise>.*))?$/s;

/**
 * Fills in a template. Placeholders refer to `event` (the envelope), `values` (the step's) and `money` (the payment's amount as
 * `IDR 25,000.00`). Inserted text is never read again, so a customer's `{{…}}` stays text. Throws `TemplateValueMissing`, naming
 * the placeholder, if there is neither a value nor a fallback.
 */
export function renderMail(
  template: MailTemplate,
  { event, values }: { event: EventEnvelope; values: Record<string, Json> },
): MailTemplate {
  const roots = { event, values, money: moneyOf(event.payment) };
  return { subject: fill(template.subject, roots), text: fill(template.text, roots) };
}

/** Describes what is wrong with the text's placeholders: a root that does not exist, or braces that do not match. Null if nothing is. */
export function placeholderProblem(text: string): string | null {
  for (const [whole, inner = ''] of text.matchAll(placeholder)) {
    if (!reference.test(inner)) return `${whole} does not begin with event, values or money`;
  }
  return /\{\{|\}\}/.test(text.replaceAll(placeholder, '')) ? '{{ or }} without its counterpart' : null;
}

function fill(text: string, roots: Record<string, unknown>): string {
  return text.replaceAll(placeholder, (whole: string, inner: string) => {
    const { root = '', path = '', otherwise } = reference.exec(inner)?.groups ?? {};
    const value = valueAt(roots[root], path.split('.').slice(1));
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (otherwise !== undefined) return otherwise.trim();
    throw activityFailure(
      'TemplateValueMissing',
      `mail.send: the template's ${whole} is not a text, a number or a boolean`,
    );
  });
}

/** Own properties only, so that no path reaches `constructor`. */
function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<string, unknown>)[key]; // It has the key.
  }, root);
}

/** Null if the event has no amount or no known currency. */
function moneyOf(payment: Payment | null): string | null {
  const { amount = null, currency = null } = payment ?? {};
  return amount === null || currency === null ? null : (formatMoney(amount, currency) ?? null);
}
