import { isObject, type Json } from '../json.ts';
import { pathParts } from '../path-parts.ts';
import { argumentsOf, operatorOf } from '../operators/operators.ts';
import type { CheckContext } from './context.ts';
import { eventShape, type Environment, type Origin } from './environment.ts';
import { typesOf } from './json-shape.ts';
import { resolveReference } from './references.ts';
import type { Path, Place } from './report.ts';
import { partsOf } from './template.ts';
import { valueIn } from './trail.ts';

/*
 * What a stranger typed must not decide about a paid order: a mistyped address, a name that is missing, a number that is none. Steps
 * that may fail on such data are reported, unless the failure is handled or nothing else depends on it.
 */

/** A use of a stranger's data that may fail. */
interface Hazard {
  place: Place;
  /** A sentence: what may fail, and on what. */
  what: string;
  /** What to do instead of handling the failure. */
  instead?: string;
  /** The types of the failures. */
  failures: readonly string[];
}

/** Reports a hazard in a run about money that has moved. At most one for each step: the remedy is the same. */
export function reportHazard({ place, what, instead, failures }: Hazard, context: CheckContext): void {
  const { environment, report, once, effects } = context;
  if (!environment.moneyMoved || effects < 1 || once.warned) return;
  if (environment.handled === 'all' || failures.every((type) => isHandled(type, environment))) return;
  once.warned = true;
  const consequence = environment.trigger
    ? 'Then no run starts for a paid event.'
    : 'Then the run of a paid event fails.';
  const handle = 'Put the step into a "parallel" with "join": "settle", or into a "try" with a "catch".';
  const remedies = environment.trigger ? instead : [instead, handle].filter(Boolean).join(' Or: ');
  report.add('KAIT1408', place, `${what} ${consequence}`, remedies);
}

function isHandled(type: string, { handled }: Environment): boolean {
  return handled !== 'all' && handled.has(type);
}

const customer = /^(payment|subscription)\.customer(\.|$)/;
const person =
  /^(customer|buyer|payer|shopper|guest|cardholder|billing|shipping|(first|last|full)_?name|notes?|comments?|remarks?)/i;
const contact = /e-?mail|phone/i;

/** Who chose the value at a path. Undefined: the gateway, the merchant or the definition. */
function originOf(path: string, environment: Environment): Origin | undefined {
  const [root = '', name = '', ...others] = pathParts(path);
  const inherited = environment.strangers.get(root) ?? environment.strangers.get(`${root}.${name}`);
  if (inherited !== undefined) return inherited === 'body' ? originInBody([name, ...others]) : inherited;
  const inEvent =
    root === 'event' || root === 'signal' ? [name, ...others] : partsInWaited(root, name, others, environment);
  if (inEvent === undefined) return undefined;
  if (customer.test(inEvent.join('.'))) return 'customer';
  return inEvent[0] === 'data' ? originInBody(inEvent.slice(1)) : undefined;
}

/** The output of a `waitFor` is an event, too. */
function partsInWaited(root: string, id: string, parts: string[], { steps }: Environment): string[] | undefined {
  return root === 'steps' && valueIn(steps, id)?.output === eventShape ? parts : undefined;
}

function originInBody(parts: string[]): Origin {
  return parts.some((part) => person.test(part) || contact.test(part)) ? 'customer' : 'body';
}

/** The strongest origin of the values that a template reads. */
export function originOfTemplate(
  template: Json,
  environment: Environment,
): { origin: Origin; path: string } | undefined {
  const found = pathsIn(template).flatMap((path) => {
    const origin = originOf(path, environment);
    return origin === undefined ? [] : [{ origin, path }];
  });
  return found.find(({ origin }) => origin === 'customer') ?? found[0];
}

function pathsIn(template: Json): string[] {
  if (typeof template === 'string') {
    const parts = partsOf(template);
    return Array.isArray(parts) ? parts.flatMap(({ path }) => path ?? []) : [];
  }
  if (template === null || typeof template !== 'object') return [];
  const read = directPath(template);
  if (read !== undefined) return [read];
  if (!Array.isArray(template) && operatorOf(template)?.name === 'literal') return [];
  return Object.values(template).flatMap(pathsIn);
}

/** The path of a plain `var`, or of a `get` in one. */
function directPath(logic: Json): string | undefined {
  if (!isObject(logic)) return undefined;
  const name = operatorOf(logic)?.name;
  if (name !== 'var' && name !== 'get') return undefined;
  const [first = null, second] = argumentsOf(name, logic);
  if (name === 'var') return typeof first === 'string' ? first : undefined;
  const start = directPath(first);
  return start === undefined || typeof second !== 'string' ? undefined : `${start}.${second}`;
}

/** A text with several parts fails on a path to null, and nobody has to give a name. */
export function checkPathInText(reference: string, place: Place, context: CheckContext): void {
  if (context.pathsStart !== undefined) return;
  if (!mayBeNull(reference, context)) return warnOfNull(reference, place, context);
  reportHazard(
    {
      place,
      what: `"${reference}" may be null, which this text cannot hold.`,
      instead: `Build the text with {"cat": ["…", {"coalesce": [{"var": "${reference}"}, "…"]}]}.`,
      failures: ['ExpressionFailed'],
    },
    context,
  );
}

/** What is null for some events, whoever chose it. */
function warnOfNull(reference: string, place: Place, { environment, mayMiss, report }: CheckContext): void {
  if (mayMiss === true || environment.handled === 'all' || environment.present.has(reference)) return;
  if (!reference.startsWith('event.')) return;
  const { shape } = resolveReference(reference, environment, true);
  if (shape === undefined || typesOf(shape)?.has('null') !== true) return;
  const message = `"${reference}" is null for some events, which this text cannot hold. Then the step fails.`;
  const hint = `Build the text with {"cat": ["…", {"coalesce": [{"var": "${reference}"}, "…"]}]}, or test the path in "if".`;
  report.add('KAIT1311', place, message, hint);
}

function mayBeNull(path: string, { environment, mayMiss }: CheckContext): boolean {
  return mayMiss !== true && !environment.present.has(path) && originOf(path, environment) === 'customer';
}

/** These fail on null. */
const ofTexts = [
  ...['cat', 'string', 'substr', 'lower', 'upper', 'trim', 'sha256', 'length', 'in'],
  ...['split', 'padStart', 'urlEncode', 'base64'],
];
/** These fail on a text that spells no number or instant, too. */
const ofNumbers = [
  'number',
  'formatDate',
  'addDuration',
  'fromUnix',
  '+',
  '-',
  '*',
  '/',
  '%',
  'min',
  'max',
  'floor',
  'ceil',
  'round',
];

/** An operator that reads a stranger's text as it is. */
export function checkOperand(name: string, argument: Json, path: Path, context: CheckContext): void {
  if (context.pathsStart !== undefined || !isObject(argument)) return;
  const hasDefault = Array.isArray(argument.var) && argument.var.length > 1;
  const reference = hasDefault ? undefined : directPath(argument);
  if (reference === undefined) return;
  const reads = originOf(reference, context.environment) === 'customer' && ofNumbers.includes(name);
  const fails = reads || (ofTexts.includes(name) && mayBeNull(reference, context));
  if (!fails) return;
  const problem = reads ? `need not be what "${name}" expects` : `may be null, which "${name}" does not take`;
  const instead = reads ? undefined : `Use {"coalesce": [{"var": "${reference}"}, "…"]}.`;
  reportHazard(
    {
      place: { path },
      what: `"${reference}" ${problem}.`,
      failures: ['ExpressionFailed'],
      ...(instead && { instead }),
    },
    context,
  );
}
