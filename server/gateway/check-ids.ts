import type { ConfirmCase, ConfirmOptions, FetchOptions } from './ask/ask-schema.ts';
import type { Match } from './match.ts';
import { parseSelector, splitBraces, type Selector } from './selector.ts';
import type { SchemeOptions } from './schemes/schemes.ts';
import { eventSelectors } from './event-value.ts';

/*
 * An id says what the fact is, never how it was told. Whoever can change a part of it under a genuine signature can make a payment
 * count twice. So each part is signed, compared by every case of `confirm` that may concern the event, or fetched.
 */

/** What the rule needs to know of a preset. */
export interface IdDeclarations {
  verify: {
    any?: SchemeOptions[] | undefined;
    all?: SchemeOptions[] | undefined;
    exclusive?: string[][] | undefined;
  };
  body: { field?: string | undefined };
  event: { id: string; unsignedId?: string | undefined };
  types?: { match: Match; id?: string | undefined }[] | undefined;
  confirm?: ConfirmOptions | undefined;
  fetch?: FetchOptions | undefined;
}

export interface IdProblem {
  path: (string | number)[];
  message: string;
}

/** The parts of ids that nothing vouches for. */
export function idProblems(preset: IdDeclarations): IdProblem[] {
  const { event, types = [] } = preset;
  if (event.unsignedId !== undefined) return [];
  const ids = [
    { path: ['event', 'id'], id: event.id, match: undefined },
    ...types.map(({ id, match }, index) => ({ path: ['types', index, 'id'], id, match })),
  ];
  return ids.flatMap(({ path, id, match }) => {
    if (id === undefined) return [];
    const open = id.split(' + ').filter((part) => !isVouchedFor(part, match, preset));
    return open.map((part) => ({ path, message: messageFor(part.trim(), preset) }));
  });
}

function messageFor(part: string, { confirm }: IdDeclarations): string {
  const remedy =
    confirm === undefined
      ? 'Use what is signed'
      : 'Use what is signed, or compare it in every case of `confirm` that such an event may meet';
  return `"${part}" is not signed, so the same fact could be told under another id. ${remedy}`;
}

function isVouchedFor(part: string, match: Match | undefined, preset: IdDeclarations): boolean {
  const selector = selectorIn(part);
  if (selector === null || selector.kind === 'text' || selector.kind === 'cfg') return true;
  const { any, all = [] } = preset.verify;
  const signs = (scheme: SchemeOptions) =>
    counterpartsOf(part, preset).some((same) => covers(scheme, parseSelector(same, eventSelectors), preset));
  const isSigned = any === undefined ? all.some(signs) : any.every(signs);
  return isSigned || isFetched(selector, preset) || isCompared(selector, match, preset);
}

/** Null for what is not a selector, which the schema of ids reports. */
function selectorIn(part: string): Selector | null {
  try {
    return parseSelector(part, eventSelectors);
  } catch {
    return null;
  }
}

/** The selector, and those of the same text in other exclusive groups: a request may have them only if they are the same. */
function counterpartsOf(part: string, { verify: { exclusive = [] } }: IdDeclarations): string[] {
  const index = Math.max(...exclusive.map((group) => group.indexOf(part.trim())), -1);
  return [part, ...exclusive.flatMap((group) => (index === -1 ? [] : (group[index] ?? [])))];
}

/** The answer is read in place of the request. Other fields of the request are not part of it. */
function isFetched({ kind }: Selector, { fetch }: IdDeclarations): boolean {
  return (
    fetch !== undefined &&
    fetch.match === undefined &&
    fetch.into === undefined &&
    ['json', 'item', 'document'].includes(kind)
  );
}

function isCompared(selector: Selector, match: Match | undefined, preset: IdDeclarations): boolean {
  const { confirm } = preset;
  if (confirm === undefined) return false;
  const met = confirm.cases.filter((each) => mayMeet(each, match, preset));
  return met.every(
    ({ skip, same = [] }) => skip !== undefined || same.some(({ claimed }) => isSame(claimed, selector)),
  );
}

function isSame(claimed: string, selector: Selector): boolean {
  const [address = '', ...suffixes] = claimed.split(' | ').map((each) => each.trim());
  return address === addressOf(selector) && !suffixes.includes('opt');
}

/** Whether an event that `match` describes can come to the case. Without a match: an event that no entry with an id describes. */
function mayMeet({ match: own = {} }: ConfirmCase, match: Match | undefined, { types = [] }: IdDeclarations): boolean {
  if (match !== undefined) return !contradict(own, match);
  const described = types.filter(({ id }) => id !== undefined);
  return !split(own).every((part) => described.some((entry) => implies(part, entry.match)));
}

/** Whether no event has both: one selector's texts are disjoint. Patterns count as any text. */
function contradict(one: Match, other: Match): boolean {
  return Object.entries(one).some(([selector, texts]) => {
    const others = other[selector];
    return others !== undefined && !texts.some((text) => others.some((each) => mayAgree(text, each)));
  });
}

type MatchText = Match[string][number];

function mayAgree(one: MatchText, other: MatchText): boolean {
  const [text, pattern] = isPattern(one) ? [other, one] : [one, other];
  if (!isPattern(pattern)) return text === pattern;
  if (isPattern(text)) return true;
  return text !== null && new RegExp(`^(?:${pattern.pattern})$`, 'u').test(text);
}

function isPattern(text: MatchText): text is { pattern: string } {
  return typeof text === 'object' && text !== null;
}

/** More combinations are not split. */
const splitLimit = 1_000;

/** Matches with one text for each selector, which together have the events of the given one. */
function split(match: Match): Match[] {
  const combinations = Object.values(match).reduce((product, texts) => product * texts.length, 1);
  if (combinations > splitLimit) return [match];
  return Object.entries(match).reduce<Match[]>(
    (parts, [selector, texts]) => parts.flatMap((part) => texts.map((text) => ({ ...part, [selector]: [text] }))),
    [{}],
  );
}

/** Whether each event of `one` is an event of `other`. */
function implies(one: Match, other: Match): boolean {
  return Object.entries(other).every(([selector, texts]) => {
    const own = one[selector];
    return own?.every((text) => texts.some((each) => JSON.stringify(each) === JSON.stringify(text))) === true;
  });
}

/** Whether the scheme's signature is over the selector's text. */
function covers(scheme: SchemeOptions, selector: Selector, preset: IdDeclarations): boolean {
  if (scheme.scheme === 'jwt') {
    if (addressOf(selector) === scheme.from && selector.filters[0] === 'jwspayload') return true;
    return Object.values(scheme.claims).some((template) => coversText(template, selector, scheme, preset));
  }
  if (!('signed' in scheme)) return false;
  return [scheme.signed].flat().every((template) => coversText(template, selector, scheme, preset));
}

function coversText(template: string, selector: Selector, scheme: SchemeOptions, preset: IdDeclarations): boolean {
  const pieces = splitBraces(template.replaceAll(/[[\]]/g, '')).flatMap(
    (piece) => /^\{\s*(.*?)(?:\s*\|.*)?\s*\}$/s.exec(piece)?.[1] ?? [],
  );
  return pieces.some((piece) => {
    if (piece === addressOf(selector)) return true;
    if (!['json', 'item', 'form', 'body', 'document'].includes(selector.kind)) return false;
    if (piece === 'body' || (preset.body.field !== undefined && piece === `form:${preset.body.field}`)) return true;
    if (piece.startsWith('canonical:')) return coversField(piece.slice('canonical:'.length), selector, scheme);
    return piece === otherNameOf(selector);
  });
}

/** A canonical form has all fields but those that it drops. Those that it rewrites may be told in several ways. */
function coversField(form: string, { kind, name }: Selector, scheme: SchemeOptions): boolean {
  const options = 'canonical' in scheme ? scheme.canonical?.[form] : undefined;
  if (kind === 'body' || kind === 'document' || options === undefined) return false;
  const field = kind === 'form' ? name : (name.split('/')[1] ?? '');
  return ![options.drop, options.integers, options.zeroOne, options.lists].some((names) => names.includes(field));
}

/** The fields of a form are `form:x` and `item:/x`; the document of a request without a batch is `json:` and `item:`. */
function otherNameOf({ kind, name }: Selector): string | undefined {
  if (kind === 'item') return /^\/[^/]*$/.test(name) ? `form:${name.slice(1)}` : `json:${name}`;
  if (kind === 'form') return `item:/${name}`;
  return kind === 'json' ? `item:${name}` : undefined;
}

function addressOf({ kind, name }: Selector): string {
  return name === '' && kind !== 'json' && kind !== 'item' ? kind : `${kind}:${name}`;
}
