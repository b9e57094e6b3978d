import { expect, it } from 'vitest';
import { rankOf, roleOfItems, roleOfMember, type Role } from '../../authoring/definition-roles.ts';
import { activitiesOnly, workflowJsonSchema } from '../../language/json-schema.ts';
import { activityTypes } from '../language/activity-types.ts';

interface Schema {
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  items?: Schema;
  definitions?: Record<string, Schema>;
}

const schema = JSON.parse(workflowJsonSchema(activitiesOnly(activityTypes))) as Schema &
  Required<Pick<Schema, 'definitions' | 'properties'>>;
const keysOf = (part: Schema | undefined) => Object.keys(part?.properties ?? {});
const { 'step-forEach': forEach, 'step-switch': cases, 'step-try': tried, 'step-call': call } = schema.definitions;

it.each<[Role, string[]]>([
  ['definition', keysOf(schema)],
  ['trigger', keysOf(schema.properties.on?.anyOf?.[0])],
  ['runLimits', keysOf(schema.properties.limits)],
  ['rate', keysOf(schema.properties.limits?.properties?.rate)],
  ['defaults', keysOf(schema.properties.defaults)],
  ['retry', keysOf(call?.properties?.retry)],
  ['loop', keysOf(forEach?.properties?.forEach)],
  ['case', keysOf(cases?.properties?.switch?.items)],
  ['handler', keysOf(tried?.properties?.catch?.items)],
  ['step', Object.entries(schema.definitions).flatMap(([name, part]) => (name.startsWith('step') ? keysOf(part) : []))],
])('gives every key of a %s a place', (role, keys) => {
  expect(keys.length).toBeGreaterThan(1);
  expect(keys.filter((key) => rankOf(role, key) === Infinity)).toEqual([]);
});

it('gives data no order, and names that the author chose no meaning', () => {
  expect(rankOf('data', 'id')).toBe(Infinity);
  expect(roleOfMember('step', 'with')).toBe('fields');
  expect(roleOfMember('fields', 'do')).toBe('template');
  expect(roleOfMember('template', 'steps')).toBe('template');
  expect(roleOfMember('step', 'constructor')).toBe('data');
  expect(roleOfItems('template')).toBe('template');
});
