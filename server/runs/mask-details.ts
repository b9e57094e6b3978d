import { isObject, type Json } from '../../language/json.ts';
import type { RunDetails, ShownValue, StepDetails } from '../../language/run-details.ts';

/*
 * A second net: activities mask the secrets that they use before anything is stored, and presets redact card data. What other systems answer may hold
 * secrets of theirs, which only their names betray.
 */

const secret = '[secret]';
const telling =
  /pass(?:word|phrase|wd|code)|secret|token|api[-_]?key|private[-_]?key|authorization|credential|cookie|signature|session|\bcvv?\b|\bcvc\b|card[-_]?number|\bpan\b|\botp\b|\bpin\b/i;

/** Masks what the names of members say is secret. Names of Kait's own secrets stay: `{"secret": "SHOP_API_KEY"}`. */
function maskJson(value: Json): Json {
  if (Array.isArray(value)) return value.map(maskJson);
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  const [only, second] = members;
  if (only?.[0] === 'secret' && second === undefined) return value;
  return Object.fromEntries(
    members.map(([name, member]) => [name, isTelling(name, member) ? secret : maskJson(member)]),
  );
}

function isTelling(name: string, member: Json): boolean {
  return (typeof member === 'string' || typeof member === 'number') && telling.test(spelled(name));
}

/** `cardPin` as `card-pin`, so that its words are told apart. */
function spelled(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').replaceAll('_', '-');
}

export function maskShown(shown: ShownValue): ShownValue {
  if ('value' in shown) return { value: maskJson(shown.value) };
  return {
    ...shown,
    beginning: shown.beginning.replaceAll(/"([^"\\]{1,100})":("(?:[^"\\]|\\.)*"?|[\d.]+)/g, maskedMember),
  };
}

function maskedMember(member: string, name: string): string {
  return telling.test(spelled(name)) ? `"${name}":"${secret}"` : member;
}

/** The value that a condition saw is in brackets after its path. */
function maskExplanation(text: string): string {
  return text.replaceAll(/([^\s(]+) \(("(?:[^"\\]|\\.)*"?|[\d.]+)\)/g, (seen: string, path: string) => {
    const name = path.split('.').at(-1) ?? '';
    return telling.test(spelled(name)) ? `${path} (${secret})` : seen;
  });
}

/** Masks inputs, outputs and the values that conditions saw. */
export function maskDetails(details: RunDetails): RunDetails {
  return {
    ...details,
    steps: details.steps.map(maskStep),
    others: details.others.map(({ label, steps }) => ({ label, steps: steps.map(maskStep) })),
    decisions: details.decisions.map((each) => ({ ...each, because: maskExplanation(each.because) })),
  };
}

function maskStep(step: StepDetails): StepDetails {
  const { input, output, branches } = step;
  return {
    ...step,
    input: input === null ? null : maskShown(input),
    output: output === null ? null : maskShown(output),
    branches: branches.map(({ label, steps }) => ({ label, steps: steps.map(maskStep) })),
  };
}
