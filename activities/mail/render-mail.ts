import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { activityFailure } from '../failure-types.ts';
import { formatMoney } from './format-money.ts';
import type { MailTemplate } from './mail-templates.ts';

/** The event as the inbox keeps it: without the native body. */
export type EventEnvelope = Omit<CanonicalEvent, 'data'>;

const placeholder = /\{\{(.*?)\}\}/gs;
/** `event.payment.id`, and behind a bar what stands there where the path leads to nothing: `… | friend`. */
const reference = /^\s*(?<root>event|values|money)(?<path>(\.[A-Za-z0-9_-]+)*)\s*(\|(?<otherwise>.*))?$/s;

/**
 * Fills a template. Placeholders see `event` (the envelope), `values` (the step's) and `money` (the payment's amount, readable:
 * `IDR 25,000.00`). Text is inserted as it is and never read again, so a customer's `{{…}}` stays text. Throws
 * `TemplateValueMissing`, naming the placeholder, where it has neither a value nor a text behind a bar.
 */
export function renderMail(
  template: MailTemplate,
  { event, values }: { event: EventEnvelope; values: Record<string, Json> },
): MailTemplate {
  const roots = { event, values, money: formatMoney(event.payment) };
  return { subject: fill(template.subject, roots), text: fill(template.text, roots) };
}

/** Throws an Error for a placeholder that is none of the three roots' or not closed. */
export function checkPlaceholders(text: string): void {
  for (const [whole, inner = ''] of text.matchAll(placeholder)) {
    if (!reference.test(inner)) throw new Error(`${whole} does not begin with event, values or money`);
  }
  if (/\{\{|\}\}/.test(text.replaceAll(placeholder, ''))) throw new Error('{{ or }} without its counterpart');
}

function fill(text: string, roots: Record<string, unknown>): string {
  return text.replaceAll(placeholder, (whole: string, inner: string) => {
    const { root = '', path = '', otherwise } = reference.exec(inner)?.groups ?? {};
    const value = valueAt(roots[root], path.split('.').slice(1));
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (otherwise !== undefined) return otherwise.trim();
    throw activityFailure('TemplateValueMissing', `mail.send: the template's ${whole} leads to no text or number`);
  });
}

/** Own properties only, so that no path reaches `constructor`. */
function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<string, unknown>)[key]; // It has the key.
  }, root);
}
