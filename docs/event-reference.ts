import { shapeOf, type JsonShape } from '../language/check/json-shape.ts';
import { canonicalPaymentTypes, eventSchema } from '../language/event.ts';
import { formOf } from './property-table.ts';

/** The canonical event, from the schema that the checker uses. */
export function eventSection(): string[] {
  const event = shapeOf(eventSchema);
  const facts = Object.entries(event.properties ?? {}).filter(([, member]) => withoutNull(member).properties);
  const types = canonicalPaymentTypes.map((type) => `\`${type}\``).join(', ');
  return [
    '## The event',
    '',
    'Every gateway’s webhook becomes an event of this form. All fields are always there. **Null means that the gateway does not say**:',
    'nothing is guessed. Amounts are whole numbers in minor units of ISO 4217, so IDR 25,000.00 is `2500000` and JPY 500 is `500`.',
    '[`schemas/event.schema.json`](../schemas/event.schema.json) is the same as a JSON Schema, and `language/event.ts` exports the TypeScript types.',
    '',
    `The canonical types are ${types},`,
    'and `payout.*` and `subscription.*` followed by a word, such as `payout.succeeded` or `subscription.past_due`. [Gateways](GATEWAYS.md) lists the types of each gateway.',
    '',
    ...fieldTable('event', event),
    ...facts.flatMap(([name, fact]) => [
      `### \`event.${name}\``,
      '',
      ...fieldTable(`event.${name}`, withoutNull(fact)),
    ]),
  ];
}

/** Objects within are listed by their paths, unless they have a table of their own. */
function fieldTable(path: string, shape: JsonShape): string[] {
  return ['| field | form | may be null | meaning |', '| --- | --- | --- | --- |', ...fieldRows(path, shape), ''];
}

function fieldRows(path: string, { properties = {} }: JsonShape): string[] {
  return Object.entries(properties).flatMap(([name, member]) => {
    const field = `${path}.${name}`;
    const inner = withoutNull(member);
    if (path !== 'event' && inner.properties !== undefined) return fieldRows(field, inner);
    const isNullable = inner === member ? '' : 'yes';
    return [`| \`${field}\` | ${formOf(inner)} | ${isNullable} | ${meaningOf(member, inner)} |`];
  });
}

/** A bar would end the cell. Angle brackets stand in code only. */
function meaningOf({ description }: JsonShape, { description: ofInner = '' }: JsonShape): string {
  return (description ?? ofInner).replaceAll('|', '\\|');
}

/** The shape of what it is if it is not null. */
function withoutNull(shape: JsonShape): JsonShape {
  if (Array.isArray(shape.type)) return { ...shape, type: shape.type.filter((type) => type !== 'null').join() };
  const [only, ...others] = (shape.anyOf ?? []).filter(({ type }) => type !== 'null');
  return only === undefined || others.length > 0 ? shape : only;
}
