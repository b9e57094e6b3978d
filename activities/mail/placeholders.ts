import { eventShape } from '../../language/check/environment.ts';
import { memberOf, type JsonShape } from '../../language/check/json-shape.ts';
import { closest } from '../../language/closest.ts';

/** A placeholder of a mail's text: `{{event.payment.id | none}}`, `{{money event.refund.amount}}`, `{{date event.occurredAt}}`. */
export interface Placeholder {
  offset: number;
  length: number;
  /** As written. */
  whole: string;
  as: 'value' | 'money' | 'date';
  /** Roots are `event` and `values`. For money the amount's and perhaps the currency's; none stands for the payment's. */
  paths: readonly string[];
  /** What stands for a value that is missing. */
  otherwise: string | undefined;
}

const braces = /\{\{(.*?)\}\}/gs;
const path = String.raw`(?:event|values)(?:\.[A-Za-z0-9_-]+)*`;
const form = new RegExp(
  String.raw`^\s*(?:(?<value>${path})|money(?<money>(?:\s+${path}){0,2})|date\s+(?<date>${path}))\s*(?:\|(?<otherwise>.*))?$`,
  's',
);

/** The placeholders of a text. Those that have another form are left out: see {@link placeholderProblems}. */
export function placeholdersIn(text: string): Placeholder[] {
  return [...text.matchAll(braces)].flatMap((match) => placeholderOf(match) ?? []);
}

function placeholderOf({ 0: whole, 1: inner = '', index }: RegExpMatchArray): Placeholder | undefined {
  const groups = form.exec(inner)?.groups;
  if (groups === undefined) return undefined;
  const { value, money, date, otherwise } = groups as Partial<typeof groups>;
  const place = { offset: index ?? 0, length: whole.length, whole, otherwise: otherwise?.trim() };
  if (value !== undefined) return { ...place, as: 'value', paths: [value] };
  if (date !== undefined) return { ...place, as: 'date', paths: [date] };
  return { ...place, as: 'money', paths: (money ?? '').split(/\s+/).filter((part) => part !== '') };
}

export interface PlaceholderProblem {
  offset: number;
  length: number;
  message: string;
  hint: string;
}

/** Placeholders that can never be filled: another form, a path that no event has, braces without a counterpart. */
export function placeholderProblems(text: string): PlaceholderProblem[] {
  return [
    ...[...text.matchAll(braces)].flatMap((match) => problemOf(match) ?? []),
    ...[...text.replaceAll(braces, (whole) => ' '.repeat(whole.length)).matchAll(/\{\{|\}\}/g)].map(
      ({ 0: brace, index }) => ({
        ...{ offset: index, length: 2, message: `"${brace}" has no counterpart.` },
        hint: 'Write {{event.payment.id}}.',
      }),
    ),
  ];
}

function problemOf(match: RegExpMatchArray): PlaceholderProblem | undefined {
  const found = placeholderOf(match);
  const place = { offset: match.index ?? 0, length: match[0].length };
  if (found === undefined) {
    const hint =
      'Write {{event.payment.id}}, {{values.name}}, {{money}}, {{money event.refund.amount}} or {{date event.occurredAt}}.';
    return { ...place, message: `${match[0]} can never be filled.`, hint };
  }
  return found.paths
    .map(pathProblem)
    .map((problem) => problem && { ...place, ...problem })
    .find((each) => each !== undefined);
}

/** A path into the event that no event has. */
function pathProblem(written: string): Pick<PlaceholderProblem, 'message' | 'hint'> | undefined {
  const [root, ...parts] = written.split('.');
  if (root !== 'event') return undefined;
  if (parts[0] === 'data') {
    const hint = 'Give it to the mail: "values": {"name": "{{event.data.name}}"} in the step, {{values.name}} here.';
    return { message: 'A mail sees the event without its data.', hint };
  }
  let shape: JsonShape = eventShape;
  let where = 'event';
  for (const part of parts) {
    const member = memberOf(shape, part);
    if (member.kind === 'anything') return undefined;
    if (member.kind === 'missing') {
      const near = closest(part, member.names);
      const hint =
        near === undefined ? `It has: ${member.names.join(', ') || 'no members'}.` : `Did you mean "${near}"?`;
      return { message: `"${where}" has no "${part}".`, hint };
    }
    shape = member.shape;
    where = `${where}.${part}`;
  }
  return undefined;
}

/** The values that a step must give: the members of `values` that a placeholder needs. */
export function neededValues(texts: readonly string[]): string[] {
  const paths = texts
    .flatMap(placeholdersIn)
    .flatMap(({ paths: all, otherwise }) => (otherwise === undefined ? all : []));
  const names = paths.flatMap((each) => /^values\.([^.]+)/.exec(each)?.[1] ?? []);
  return [...new Set(names)];
}
