import type { Preset } from '../server/gateway/preset-schema.ts';

/** What one preset maps, and what it was read from, for `docs/GATEWAYS.md`. Folded, because it is long. */
export function mappingSection(preset: Preset): string[] {
  const { mapping } = preset;
  return [
    ...folded('What it reads', fieldsOf(preset).map(fieldLine)),
    ...(mapping === undefined
      ? []
      : folded('Event types', [
          ...Object.entries(mapping.types).map(typeLine),
          '',
          `Read in ${mapping.read} from ${mapping.from.map((url) => `<${url}>`).join(', ')}.`,
        ])),
  ];
}

/** A canonical field and the selectors that it is read from. */
export type Field = [name: string, selectors: string[]];

/** The facts of a preset by the name of their member of the event. */
const facts = {
  payment: 'payments',
  refund: 'refunds',
  dispute: 'disputes',
  payout: 'payouts',
  subscription: 'subscriptions',
} as const;

export function fieldsOf(preset: Preset): Field[] {
  const { event, types = [] } = preset;
  const { id, occurredAt, entity, tenant, live } = event;
  const read: [name: string, value: unknown][] = [
    ['id', [id, ...types.map((each) => each.id)]],
    ['occurredAt', occurredAt],
    ['live', live],
    ['entity', entity],
    ['tenant', tenant],
    ...Object.entries(facts).flatMap(([name, list]) => factFields(name, preset[list] ?? [])),
  ];
  return read.map(([name, value]): Field => [name, selectorsOf(value)]).filter(([, selectors]) => selectors.length > 0);
}

/** All entries of a list together, because the first one that matches counts. */
function factFields(fact: string, entries: readonly object[]): [name: string, value: unknown][] {
  const values = new Map<string, unknown[]>();
  for (const entry of entries) {
    for (const [name, value] of Object.entries(entry).filter(([each]) => each !== 'match')) {
      const members = name === 'customer' ? Object.entries(value as object) : [['', value] as const];
      for (const [member, selectors] of members) {
        const path = [fact, name, member].filter((part) => part !== '').join('.');
        values.set(path, [...(values.get(path) ?? []), selectors]);
      }
    }
  }
  return [...values];
}

/** Members that are no selectors: how a text is written, and what a rule comes to. */
const notSelectors = ['unit', 'exponents', 'format', 'zone', 'is'];

/** Each once. In a match, the keys are the selectors. */
function selectorsOf(value: unknown): string[] {
  const found = new Set<string>();
  const visit = (each: unknown): void => {
    if (typeof each === 'string') found.add(each);
    else if (Array.isArray(each)) each.forEach(visit);
    else if (each !== null && typeof each === 'object') {
      for (const [name, member] of Object.entries(each)) {
        if (name === 'match') Object.keys(member as object).forEach(visit);
        else if (!notSelectors.includes(name)) visit(member);
      }
    }
  };
  visit(value);
  return [...found];
}

function fieldLine([name, selectors]: Field): string {
  return `- \`${name}\`: ${selectors.map((selector) => `\`${selector}\``).join(', ')}`;
}

/** A canonical type, or why there is none. */
function typeLine([native, became]: [string, string]): string {
  const isCanonical = /^(?:payment|subscription|payout)\.[a-z_]+$/.test(became);
  return isCanonical ? `- \`${native}\` becomes \`${became}\`` : `- \`${native}\`: ${became}`;
}

function folded(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['<details>', `<summary>${title}</summary>`, '', ...lines, '', '</details>', ''];
}
