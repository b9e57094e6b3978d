import { z } from 'zod';
import type { FindingCode } from '../codes.ts';
import { durationPattern, maxDurationMs, parseDuration } from '../time.ts';

/** A text with a form of its own: its code in findings, and what to expect. */
interface TextForm {
  pattern: RegExp;
  code: FindingCode;
  expected: string;
}

const definitionNameForm: TextForm = {
  pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
  code: 'KAIT1109',
  expected: 'lower-case words joined by hyphens, such as payment-succeeded',
};
const localNameForm: TextForm = {
  pattern: /^[a-zA-Z][a-zA-Z0-9]*(?:[-_][a-zA-Z0-9]+)*$/,
  code: 'KAIT1109',
  expected: 'a letter, then letters, digits, - or _, such as orderId',
};
const eventTypeForm: TextForm = {
  // Gateways have types such as disputes/update, balances#credit and v2.core.account[requirements].updated.
  pattern: /^[A-Za-z0-9_]+(?:[.:#/-][A-Za-z0-9_]+|\[[A-Za-z0-9_]+\])*$/,
  code: 'KAIT1112',
  expected: 'words joined by dots, such as payment.succeeded',
};
const emittedTypeForm: TextForm = {
  // Types of `own-event-types.ts` are Kait's own.
  pattern: /^(?!kait\.)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/,
  code: 'KAIT1112',
  expected: 'words joined by dots, such as order.created. Only Kait itself sends the types kait.*',
};
const errorTypeForm: TextForm = {
  pattern: /^[A-Za-z][A-Za-z0-9_.-]*$/,
  code: 'KAIT1112',
  expected: 'a word such as CardDeclined',
};
const durationForm: TextForm = {
  pattern: durationPattern,
  code: 'KAIT1111',
  expected: 'a whole number and a unit: 500ms, 30s, 5m, 24h or 7d',
};

const forms = [definitionNameForm, localNameForm, eventTypeForm, emittedTypeForm, errorTypeForm, durationForm];

export const definitionName = z.string().max(64).regex(definitionNameForm.pattern);
/** Names of steps and variables. */
export const localName = z.string().max(64).regex(localNameForm.pattern);
/* `completes` says what editors offer: see `language/json-schema.ts`. */

/** Event types in triggers: `payment.succeeded`, `stripe:payment_intent.succeeded`, `AUTHORISATION`. */
export const eventType = z.string().max(128).regex(eventTypeForm.pattern).meta({ completes: 'events' });
/** Types of outbound webhooks. */
export const emittedType = z.string().max(128).regex(emittedTypeForm.pattern).meta({ completes: 'emitted' });
/** Error types in `catch` and `retry.except`. */
export const errorType = z.string().max(64).regex(errorTypeForm.pattern);
export const duration = z
  .string()
  .regex(durationPattern)
  .refine((text) => !durationPattern.test(text) || fitsInAYear(text), { params: { longest: '365d' } })
  .meta({ description: '500ms, 30s, 5m, 24h or 7d; at most 365d.' });

/** The form that an `invalid_format` issue of zod is about. */
export function formOfPattern(pattern: string | undefined): TextForm | undefined {
  return forms.find((form) => String(form.pattern) === pattern);
}

/** Whether every JavaScript object has the name: `constructor`, `hasOwnProperty`, `__proto__`. */
export function isReservedName(name: string): boolean {
  return name in Object.prototype || name === 'prototype';
}

function fitsInAYear(text: string): boolean {
  try {
    return parseDuration(text) <= maxDurationMs;
  } catch {
    return false; // It has the form of a duration, so it is too long.
  }
}
