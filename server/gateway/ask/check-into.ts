import type { z } from 'zod';

/** The members of a preset that say how events are read. */
const reading = /^(?:event|types|payments|refunds|disputes|payouts|subscriptions)$/;
/** What is not stored with an event. */
const unstored = /(?:^|\+ )(?:(?:header|form|query):|(?:path|method|body)(?: \||$))/;

/**
 * Checks a preset whose `fetch` has `into`. An event with an answer in it is read from its stored body, which has neither headers nor
 * the fields of a form. It is stored under the id that it has without the answer, so that it counts once whether or not the
 * gateway answers. So is `live`, which may come from a header.
 */
export function checkInto(
  preset: { fetch?: { into?: string | undefined } | undefined; event: { items?: unknown } },
  context: z.RefinementCtx,
): void {
  const { fetch, event } = preset;
  if (fetch?.into === undefined) return;
  const { into } = fetch;
  const report = (path: string[], message: string) => {
    context.addIssue({ code: 'custom', path, message });
  };
  if (Array.isArray(event.items)) report(['event', 'items'], 'with "into", expected one list');
  for (const [path, selector] of selectorsOf(preset)) {
    if (unstored.test(selector) && !isLive(path)) {
      report(path, `"${selector}" is not in the stored body: with "into", expected json: or item:`);
    }
    if (isEventId(path) && readsFrom(selector, into)) {
      report(path, `an id cannot be part of what is fetched into ${into}`);
    }
  }
}

function* selectorsOf(preset: object): Generator<[path: string[], selector: string]> {
  for (const [name, member] of Object.entries(preset)) {
    if (reading.test(name)) yield* textsOf(member, [name]);
  }
}

/** In a match, the keys are the selectors. */
function* textsOf(value: unknown, path: string[]): Generator<[path: string[], text: string]> {
  if (typeof value === 'string') yield [path, value];
  if (value === null || typeof value !== 'object') return;
  for (const [key, member] of Object.entries(value)) {
    if (path.at(-1) === 'match') yield [[...path, key], key];
    else yield* textsOf(member, [...path, key]);
  }
}

function isLive([member, name]: string[]): boolean {
  return member === 'event' && name === 'live';
}

/** An id of an event, and not of a payment. */
function isEventId([member, ...path]: string[]): boolean {
  return (member === 'event' && path[0] === 'id') || (member === 'types' && path[1] === 'id');
}

/** Whether the selectors of a composite read from this member of the event. */
function readsFrom(composite: string, into: string): boolean {
  return composite.split(' + ').some((part) => new RegExp(`^(?:json|item):${into}(?:[/ ]|$)`).test(part));
}
