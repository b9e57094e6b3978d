import type { components } from '../../../cli/api-types.ts';

type Endpoint = components['schemas']['Endpoint'];

/** An endpoint as it stands in the form: texts, all of them. */
export interface Draft {
  url: string;
  patterns: string;
  description: string;
  tenant: string;
  timeLimit: string;
  rate: string;
  concurrency: string;
  disableAfter: string;
  /** JSON: the rest of the policy. */
  more: string;
  /** JSON: what nobody gets back. */
  secrets: string;
}

const moreNames = ['filter', 'transform', 'schedule', 'ordering', 'signature', 'permanent'] as const;
const secretNames = ['headers', 'auth', 'clientCertificate', 'secret'] as const;
const plainNames = ['timeLimit', 'rate', 'concurrency', 'disableAfter'] as const;

export const emptyDraft: Draft = {
  ...{ url: '', patterns: '*', description: '', tenant: '' },
  ...{ timeLimit: '', rate: '', concurrency: '', disableAfter: '', more: '', secrets: '' },
};

/** What stands in the form before anybody changes it. */
export function draftOf(endpoint: Endpoint): Draft {
  const policy = moreNames.map((name): [string, unknown] => [name, endpoint[name]]);
  const more = Object.fromEntries(policy.filter(([, value]) => value !== null));
  const { url, patterns, description, tenant, timeLimit, rate, concurrency, disableAfter } = endpoint;
  return {
    ...{ url, description, patterns: patterns.join('\n'), tenant: tenant ?? '', secrets: '' },
    ...{ timeLimit: timeLimit ?? '', disableAfter: disableAfter ?? '' },
    ...{ rate: textOf(rate), concurrency: textOf(concurrency) },
    more: Object.keys(more).length === 0 ? '' : JSON.stringify(more, null, 2),
  };
}

/** Which field of a draft cannot be read, and why. */
export class DraftError extends Error {
  readonly field: keyof Draft;
  readonly unknown: readonly string[];

  constructor(field: keyof Draft, unknown: readonly string[] = []) {
    super(field);
    this.name = 'DraftError';
    this.field = field;
    this.unknown = unknown;
  }
}

/**
 * What is sent: everything that differs from `before`, in which null is the default. Throws a `DraftError` for texts that are no JSON or no number;
 * what a value may be is said by the server.
 */
export function changesOf(draft: Draft, before: Draft): Record<string, unknown> {
  const changed = (name: keyof Draft) => draft[name].trim() !== before[name].trim();
  const changes: Record<string, unknown> = {};
  for (const name of ['url', 'description'] as const) if (changed(name)) changes[name] = draft[name].trim();
  if (changed('patterns')) changes.patterns = patternsOf(draft.patterns);
  for (const name of plainNames) {
    if (!changed(name)) continue;
    const text = draft[name].trim();
    changes[name] = text === '' ? null : name === 'rate' || name === 'concurrency' ? numberOf(text, name) : text;
  }
  if (changed('more')) {
    const [now, then] = [objectOf(draft, 'more', moreNames), objectOf(before, 'more', moreNames)];
    for (const name of moreNames) {
      const value = now[name] ?? null;
      if (JSON.stringify(value) !== JSON.stringify(then[name] ?? null)) changes[name] = value;
    }
  }
  return { ...changes, ...objectOf(draft, 'secrets', secretNames) };
}

/** What is sent for a new one: without what is left to its default. */
export function requestOf(draft: Draft): Record<string, unknown> {
  const { url, patterns, tenant } = draft;
  const given = Object.entries(changesOf(draft, { ...emptyDraft, url, patterns })).filter(
    ([, value]) => value !== null,
  );
  return {
    ...{ url: url.trim(), patterns: patternsOf(patterns), ...Object.fromEntries(given) },
    ...(tenant.trim() !== '' && { tenant: tenant.trim() }),
  };
}

/** By lines, blanks or commas. */
export function patternsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((each) => each !== ''))];
}

function textOf(value: number | null): string {
  return value === null ? '' : String(value);
}

function numberOf(text: string, field: keyof Draft): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new DraftError(field);
  return value;
}

function objectOf(draft: Draft, field: 'more' | 'secrets', names: readonly string[]): Record<string, unknown> {
  if (draft[field].trim() === '') return {};
  const value = parsed(draft[field], field);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DraftError(field);
  const unknown = Object.keys(value).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new DraftError(field, unknown);
  return value as Record<string, unknown>;
}

function parsed(text: string, field: keyof Draft): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DraftError(field);
  }
}
