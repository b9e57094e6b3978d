import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { activityFailure } from '../failure-types.ts';
import { formatAmount, formatInstant, type MailFormat } from './format-values.ts';
import { type Placeholder, placeholdersIn } from './placeholders.ts';

/** A mail's texts, which may hold placeholders such as `{{event.payment.id}}`. */
export interface MailTemplate {
  subject: string;
  text: string;
  /** Of this mail. Undefined: the installation's. */
  locale?: string | undefined;
  timeZone?: string | undefined;
}

/** The event as the inbox stores it: without the native body. */
export type EventEnvelope = Omit<CanonicalEvent, 'data'>;

export interface MailData {
  event: EventEnvelope;
  values: Record<string, Json>;
  /** The installation's. */
  format: MailFormat;
}

/**
 * Fills in a template. Placeholders refer to `event` (the envelope) and `values` (the step's); `money` and `date` write amounts and times as
 * the locale does. Inserted text is never read again, so a customer's `{{…}}` stays text. Throws `TemplateValueMissing`, naming
 * the placeholder, if there is neither a value nor a fallback.
 */
export function renderMail(
  { subject, text, locale, timeZone }: MailTemplate,
  { event, values, format }: MailData,
): Pick<MailTemplate, 'subject' | 'text'> {
  const data = {
    roots: { event, values },
    format: { locale: locale ?? format.locale, timeZone: timeZone ?? format.timeZone },
  };
  return { subject: fill(subject, data), text: fill(text, data) };
}

interface Data {
  roots: Record<string, unknown>;
  format: MailFormat;
}

function fill(text: string, data: Data): string {
  let filled = '';
  let end = 0;
  for (const placeholder of placeholdersIn(text)) {
    filled += text.slice(end, placeholder.offset) + textOf(placeholder, data);
    end = placeholder.offset + placeholder.length;
  }
  return filled + text.slice(end);
}

function textOf(placeholder: Placeholder, data: Data): string {
  const { whole, otherwise } = placeholder;
  const text = valueText(placeholder, data) ?? otherwise;
  if (text !== undefined) return text;
  const expected = { value: 'a text, a number or a boolean', money: 'an amount with a currency', date: 'a time' };
  throw activityFailure(
    'TemplateValueMissing',
    `mail.send: the template's ${whole} is not ${expected[placeholder.as]}`,
  );
}

function valueText({ as, paths }: Placeholder, data: Data): string | undefined {
  const [first = 'event.payment.amount', second] = paths;
  const value = valueAt(first, data);
  if (as === 'money') return moneyText(value, currencyOf(first, second, data), data.format);
  if (as === 'date') return typeof value === 'string' ? formatInstant(value, data.format) : undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

/** The currency beside the amount, or else that of the payment. */
function currencyOf(amount: string, given: string | undefined, data: Data): unknown {
  if (given !== undefined) return valueAt(given, data);
  const beside = valueAt(amount.replace(/[^.]+$/, 'currency'), data);
  return typeof beside === 'string' ? beside : valueAt('event.payment.currency', data);
}

function moneyText(amount: unknown, currency: unknown, format: MailFormat): string | undefined {
  const isAmount = Number.isSafeInteger(amount) || (typeof amount === 'string' && /^-?\d{1,40}$/.test(amount));
  if (!isAmount || typeof currency !== 'string') return undefined;
  return formatAmount(amount as number | string, currency, format); // As checked.
}

/** Own properties only, so that no path reaches `constructor`. */
function valueAt(path: string, { roots }: Data): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<string, unknown>)[key]; // It has the key.
  }, roots);
}
