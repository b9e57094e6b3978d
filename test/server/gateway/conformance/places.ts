import type { Preset } from '../../../../server/gateway/preset-schema.ts';

/** A part of requests that a preset reads. */
export interface Place {
  /** The kind of its selector: `header`, `query`, `form`, `json` or `item`. */
  kind: string;
  name: string;
  /** The texts for it that the preset knows. */
  values: string[];
}

/** Members of presets that are for people, or about other requests. */
const others = ['title', 'docs', 'setup', 'settings', 'list', 'mapping', 'unsigned', 'retries', 'addresses', 'redact'];

/** What a preset reads of requests, and the texts that its matches and comparisons list for each. */
export function placesOf(preset: Preset): Place[] {
  const places = new Map<string, Place>();
  const add = (text: string, values: readonly string[]) => {
    for (const [selector, kind = '', name = ''] of text.matchAll(/\b(header|query|form|json|item):([^\s|{}]+)/g)) {
      const known = places.get(selector)?.values ?? [];
      places.set(selector, { kind, name, values: [...known, ...values] });
    }
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') add(value, []);
    if (value === null || typeof value !== 'object') return;
    for (const [key, member] of Object.entries(value)) {
      add(key, textsOf(member));
      visit(member);
    }
    if ('claimed' in value && 'values' in value) add(String(value.claimed), Object.keys(value.values ?? {}));
  };
  visit(Object.fromEntries(Object.entries(preset).filter(([member]) => !others.includes(member))));
  return [...places.values()];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
