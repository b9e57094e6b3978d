import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { expect, it } from 'vitest';
import { roleOfItems, roleOfMember, type Role } from '../../authoring/definition-roles.ts';
import { diffDefinitions } from '../../authoring/diff-definitions.ts';
import { explainDefinition } from '../../authoring/explain-definition.ts';
import { formatDefinition } from '../../authoring/format-definition.ts';
import { formatExplanation } from '../../authoring/format-explanation.ts';
import { graphDefinition } from '../../authoring/graph-definition.ts';
import { planOf, stepsOf } from '../../language/plan.ts';
import { canonicalJson, type Json } from '../../language/json.ts';
import type { Definition } from '../../language/definition.ts';
import { arbitraryDefinition } from '../definitions/arbitrary-definition.ts';
import { runRules } from './run-rules.ts';

const valid = arbitraryDefinition.map(({ definition }) => definition);
const json = (definition: Definition) => definition as unknown as Json;
const runs = { numRuns: 100 };

it('is the same after formatting, and has the same plan', () => {
  fc.assert(
    fc.property(valid, fc.constantFrom(0, 1), (definition, indent) => {
      const { text = '' } = formatDefinition({ file: 'a.json', text: JSON.stringify(definition, null, indent) });
      const read = parse(text) as Definition;
      expect(canonicalJson(json(read))).toBe(canonicalJson(json(definition)));
      expect(planOf(read)).toEqual(planOf(definition));
      expect(formatDefinition({ file: 'a.json', text }).text).toBe(text);
      expect(diffDefinitions(definition, read, runRules.localActivities)).toEqual([]);
    }),
    runs,
  );
});

it('differs from another exactly if their hashes differ', () => {
  fc.assert(
    fc.property(valid, valid, (before, after) => {
      const isSame = canonicalJson(json(before)) === canonicalJson(json(after));
      expect(diffDefinitions(before, after, runRules.localActivities).length === 0).toBe(isSame);
    }),
    runs,
  );
});

it('can be drawn and explained', () => {
  fc.assert(
    fc.property(valid, (definition) => {
      const explanation = explainDefinition({
        definition,
        hash: 'abcdef',
        rules: runRules,
        settings: [],
        now: new Date(0),
      });
      const { events, perItem } = explanation.history;
      expect([events, ...perItem.map((item) => item.events)].filter(({ min, max }) => min > max)).toEqual([]);
      const ids = stepsOf(definition).map(({ id }) => id);
      const text = formatExplanation(explanation);
      const chart = graphDefinition(definition, runRules);
      expect(ids.filter((id) => !new RegExp(`^ +${id}(?::|$)`, 'm').test(text))).toEqual([]);
      expect(chart.startsWith('flowchart TD\n')).toBe(true);
    }),
    runs,
  );
});

it('has lists of steps exactly where the roles say', () => {
  const stepsBy = (value: Json, role: Role): string[] => {
    if (value === null || typeof value !== 'object') return [];
    if (Array.isArray(value)) return value.flatMap((item) => stepsBy(item, roleOfItems(role)));
    const own = role === 'step' ? [value.id as string] : [];
    return [...own, ...Object.entries(value).flatMap(([key, member]) => stepsBy(member, roleOfMember(role, key)))];
  };
  fc.assert(
    fc.property(valid, (definition) => {
      const ids = stepsOf(definition).map(({ id }) => id);
      expect(stepsBy(json(definition), 'definition').sort()).toEqual(ids.sort());
    }),
    runs,
  );
});
