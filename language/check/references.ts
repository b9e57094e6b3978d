import type { FindingCode } from '../codes.ts';
import { pathParts, pathText } from '../path-parts.ts';
import { scopeRoots } from '../scope.ts';
import { didYouMean, type Hint } from './report.ts';
import type { Environment, VisibleStep } from './environment.ts';
import { memberOf, type JsonShape } from './json-shape.ts';
import { namesIn, valueIn } from './trail.ts';

/** The meaning of a path at one point of a definition, as far as it is known before a run. */
export interface Resolution {
  /** Undefined: any value is possible. */
  shape?: JsonShape;
  problem?: { code: FindingCode; message: string; hint?: Hint };
}

const text: JsonShape = { type: 'string' };
const runShape: JsonShape = { type: 'object', properties: { id: text, definition: text }, additionalProperties: false };

/** Resolves a path. `hasDefault`: the expression has a default for when the path finds nothing. */
export function resolveReference(path: string, environment: Environment, hasDefault: boolean): Resolution {
  const [root = '', ...parts] = pathParts(path);
  const local = environment.locals.get(root);
  if (local !== undefined) return follow(root, local, parts);
  if (environment.onlyLocals === true || !(scopeRoots as readonly string[]).includes(root))
    return unknownRoot(root, environment);
  if (root === 'event') return follow('event', environment.event, parts);
  if (root === 'settings' && !environment.eventOnly) return resolveSetting(parts, environment);
  if (environment.trigger) {
    const seen = environment.eventOnly
      ? 'a "match", whose keys lead into the awaited event'
      : 'a trigger, which sees only event and settings';
    return unavailable(`"${root}" is not available in ${seen}.`);
  }
  switch (root) {
    case 'steps':
      return resolveStep(parts, environment, hasDefault);
    case 'status':
      return resolveStatus(parts, environment);
    case 'vars':
      return resolveVariable(parts, environment, hasDefault);
    case 'run':
      return follow('run', runShape, parts);
    default:
      return unavailable(`"${root}" is not available here: ${providers[root] ?? 'no verb'} provides it.`);
  }
}

const providers: Readonly<Record<string, string>> = {
  item: 'only forEach',
  index: 'only forEach or while',
  error: 'only a catch, onItemError or afterUndo',
  signal: 'only the "where" of a waitFor',
  step: 'only an "undo"',
};

function unknownRoot(root: string, { locals, onlyLocals = false }: Environment): Resolution {
  const roots = () => [...(onlyLocals ? [] : scopeRoots), ...locals.keys()];
  const beginnings = onlyLocals ? [...locals.keys()].join(', ') : 'event, steps, status, vars, settings or run';
  const hint = didYouMean(root, roots, `Paths start with ${beginnings}.`);
  return { problem: { code: 'KAIT1206', message: `Paths cannot start with "${root}".`, hint } };
}

function unavailable(message: string): Resolution {
  return { problem: { code: 'KAIT1209', message } };
}

function resolveStep([id, ...parts]: string[], environment: Environment, hasDefault: boolean): Resolution {
  if (id === undefined) return {};
  const step = valueIn(environment.steps, id);
  if (step === undefined) return { problem: unseenStep(id, environment) };
  const reason = reasonForNull(step);
  const resolution = followOutput(id, step, parts);
  if (resolution.problem !== undefined || reason === undefined || parts.length === 0 || hasDefault) return resolution;
  const or = step.inDoubt === true ? ' Or use "undoWhen": "done".' : '';
  const hint = `Add a default: {"var": ["${pathText(['steps', id, ...parts])}", null]}.${or}`;
  const fails = step.inDoubt === true ? 'the undo' : 'the run';
  const message = `Step "${id}" may have ${reason}. Then its output is null, and this path fails ${fails}.`;
  return { ...resolution, problem: { code: 'KAIT1205', message, hint } };
}

function reasonForNull({ certainty, timesOut, inDoubt }: VisibleStep): string | undefined {
  if (inDoubt === true) return 'ended in doubt, and is then undone too';
  if (certainty === 'sometimes') return 'been skipped';
  return timesOut === true ? 'timed out' : undefined;
}

function followOutput(id: string, { output }: VisibleStep, parts: string[]): Resolution {
  return output === undefined ? {} : follow(`steps.${id}`, output, parts);
}

function resolveStatus([id, ...parts]: string[], environment: Environment): Resolution {
  if (id === undefined) return {};
  if (valueIn(environment.steps, id) === undefined) return { problem: unseenStep(id, environment) };
  return follow(`status.${id}`, text, parts);
}

function unseenStep(id: string, { known, steps, forks, looped }: Environment): NonNullable<Resolution['problem']> {
  const fork = forks.find(({ all, own }) => all.has(id) && !own.has(id));
  if (fork?.branchesRun === 'at once') {
    return { code: 'KAIT1204', message: `Step "${id}" runs at the same time, so it may not have ended yet.` };
  }
  if (fork !== undefined) {
    return { code: 'KAIT1203', message: `Step "${id}" is in another branch, and only one of the branches runs.` };
  }
  if (valueIn(looped, id) === true) {
    const hint = 'Keep the value with "collect", or with a "set" inside the loop.';
    return { code: 'KAIT1212', message: `Step "${id}" is inside a loop, so its output ends with each item.`, hint };
  }
  if (known.has(id)) return { code: 'KAIT1203', message: `Step "${id}" has not ended yet when this is evaluated.` };
  const hint = didYouMean(id, () => [...namesIn(steps), ...known]);
  return { code: 'KAIT1202', message: `Unknown step "${id}".`, hint };
}

function resolveSetting([name, ...parts]: string[], { settings }: Environment): Resolution {
  if (settings === undefined || name === undefined) return {};
  if ('problem' in settings) return { problem: { code: 'KAIT1602', message: settings.problem } };
  const { properties = {} } = settings.shape;
  if (Object.hasOwn(properties, name)) return follow('settings', settings.shape, [name, ...parts]);
  const otherwise = `Declare it in definitions/settings.json: "${name}": { "type": "text", "default": … }.`;
  const hint = didYouMean(name, () => Object.keys(properties), otherwise);
  return { problem: { code: 'KAIT1601', message: `There is no setting "${name}".`, hint } };
}

function resolveVariable([name]: string[], { vars }: Environment, hasDefault: boolean): Resolution {
  if (name === undefined) return {};
  const certainty = valueIn(vars, name);
  if (certainty === undefined) {
    const otherwise = 'Set it in an earlier "set" step, or declare it in "vars".';
    const hint = didYouMean(name, () => namesIn(vars), otherwise);
    return { problem: { code: 'KAIT1210', message: `No earlier step sets "vars.${name}".`, hint } };
  }
  if (certainty === 'always' || hasDefault) return {};
  const message = `The step that sets "vars.${name}" may have been skipped. Then this path fails the run.`;
  return { problem: { code: 'KAIT1211', message, hint: `Add a default: {"var": ["vars.${name}", null]}.` } };
}

function follow(start: string, from: JsonShape, parts: string[]): Resolution {
  let shape = from;
  let where = start;
  for (const part of parts) {
    const member = memberOf(shape, part);
    if (member.kind === 'anything') return {};
    if (member.kind === 'missing') return { problem: unknownMember(where, part, member.names) };
    shape = member.shape;
    where = `${where}.${part}`;
  }
  return { shape };
}

function unknownMember(where: string, part: string, names: string[]): NonNullable<Resolution['problem']> {
  const list = names.length === 0 ? `"${where}" has no members.` : `It has: ${names.join(', ')}.`;
  return { code: 'KAIT1207', message: `"${where}" has no "${part}".`, hint: didYouMean(part, () => names, list) };
}
