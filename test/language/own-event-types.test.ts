import { expect, it } from 'vitest';
import { isEventPattern } from '../../activities/outbound/message-types.ts';
import { emittedType } from '../../language/check/texts.ts';
import { noEventTypes } from '../../language/event-types.ts';
import { emittable, ownEventTypes } from '../../language/own-event-types.ts';
import { valueFaults } from '../../language/values/check-value.ts';
import { schemaProblems } from '../../language/values/value-schema.ts';

const types = [...ownEventTypes().keys()];

it('describes every type that Kait sends about itself', () => {
  expect(types).toEqual(['kait.test', 'kait.endpoint.failing', 'kait.endpoint.disabled', 'kait.endpoint.recovered']);
});

it.each(types)('has a schema of %s that its example fits', (type) => {
  const { data, example } = ownEventTypes().get(type)!;
  expect(schemaProblems(data)).toEqual([]);
  expect(valueFaults(data, example)).toEqual([]);
});

it.each(types)('lets an endpoint subscribe to %s, and no step emit it', (type) => {
  expect(isEventPattern(type)).toBe(true);
  expect(emittedType.safeParse(type).success).toBe(false);
  expect(emittable({ ...noEventTypes, byName: ownEventTypes() }).size).toBe(0);
});
