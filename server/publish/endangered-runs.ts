import { stepsOfDefinition } from '../../language/check/step-lists.ts';
import type { FindingCode } from '../../language/codes.ts';
import type { Definition } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { checkMailTemplates } from '../check-mail-templates.ts';
import { checkText } from '../load-definitions.ts';
import { presetChange } from './preset-changes.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs under way of one version of a definition and one source. They carry their definition, but not what it needs. */
export interface RunsUnderWay {
  name: string;
  source: string;
  definition: Definition;
  /** The definitions that they may still start by `run`. */
  children: readonly Definition[];
  count: number;
}

/** Why runs under way could not go on with another set. One sentence for each cause, with the number of runs. */
export function endangeredBy(runs: readonly RunsUnderWay[], before: Surroundings, after: Surroundings): string[] {
  const counts = new Map<string, { name: string; danger: string; count: number }>();
  for (const { name, source, definition, children, count } of runs) {
    const place = { source, children, before, after };
    const dangers = [
      ...(after.sources.has(source) ? [] : [`There is no source "${source}" any more.`]),
      ...dangersOf(definition, place),
      ...children.flatMap((each) => dangersOf(each, place).map((danger) => `${each.name}: ${danger}`)),
    ];
    for (const danger of new Set(dangers)) {
      const key = JSON.stringify([name, danger]);
      counts.set(key, { name, danger, count: (counts.get(key)?.count ?? 0) + count });
    }
  }
  return [...counts.values()].map(({ name, danger, count }) => {
    const runs = count === 1 ? `1 run under way of "${name}"` : `${count} runs under way of "${name}"`;
    return `${runs} could not go on: ${danger}`;
  });
}

interface Place {
  source: string;
  children: readonly Definition[];
  before: Surroundings;
  after: Surroundings;
}

function dangersOf(definition: Definition, place: Place): string[] {
  return [...missingOf(definition, place), ...vainWaits(definition, place)];
}

/** What the checker says about what is beside a definition: activities, secrets, event types and mails. All else in it has not changed. */
const concernsOthers: readonly FindingCode[] = [
  ...(['KAIT1207', 'KAIT1401', 'KAIT1402', 'KAIT1403', 'KAIT1404'] as const),
  ...(['KAIT1501', 'KAIT1502', 'KAIT1503', 'KAIT1904'] as const),
];

function missingOf(definition: Definition, { children, after }: Place): string[] {
  const source = { file: `${definition.name}.json`, text: JSON.stringify(definition), problem: null };
  const { activities, secrets, mailTemplates, eventTypes } = after;
  const definitions = Object.fromEntries(children.map((each) => [each.name, each]));
  const findings = checkText(source, { activities, definitions, secrets, eventTypes }).findings.filter(
    ({ code, severity }) => severity === 'error' && concernsOthers.includes(code),
  );
  const inMails = mailTemplates === undefined ? [] : checkMailTemplates(source, mailTemplates);
  return [...findings, ...inMails].map(({ pointer, message }) => `${pointer}: ${message}`);
}

/** Waits for events that would not come any more, or would look different. */
function vainWaits(definition: Definition, { source, before, after }: Place): string[] {
  return stepsOfDefinition(definition as unknown as JsonObject).flatMap(({ step, path }) => {
    if (step.waitFor === undefined) return [];
    const types = textsOf(step.waitFor);
    const sources = step.source === undefined ? [source] : textsOf(step.source);
    const at = `/${path.join('/')}`;
    return sources.flatMap((from) => {
      if (!after.sources.has(from)) {
        return from === source ? [] : [`${at} waits for an event of "${from}", and there is no such source any more.`];
      }
      const { lostTypes, fields } = presetChange(from, before, after);
      const lost = types.filter((type) => lostTypes.has(type));
      if (lost.length > 0)
        return [`${at} waits for ${lost.join(', ')} of "${from}", which its preset does not tell any more.`];
      const isPicky = step.match !== undefined || step.where !== undefined;
      return fields && isPicky
        ? [`${at} compares fields of an event of "${from}", which its preset takes from elsewhere now.`]
        : [];
    });
  });
}

function textsOf(value: Json): string[] {
  return [value].flat().filter((each) => typeof each === 'string');
}
