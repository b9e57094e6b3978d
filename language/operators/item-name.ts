import type { Json } from '../json.ts';
import { scopeRoots } from '../scope.ts';

/** The operators that evaluate their second argument for each item of the first, and the position of the item's name. */
const positions: Readonly<Record<string, number>> = { map: 2, filter: 2, all: 2, some: 2, none: 2, reduce: 3 };

const form = /^[a-zA-Z][a-zA-Z0-9]*(?:[-_][a-zA-Z0-9]+)*$/;

export function isPerItem(operator: string): boolean {
  return Object.hasOwn(positions, operator);
}

/** The name that the arguments of such an operator give to the item. Undefined: none, so that paths start at the item. */
export function itemNameOf(operator: string, args: readonly Json[]): Json | undefined {
  const position = Object.hasOwn(positions, operator) ? positions[operator] : undefined;
  return position === undefined ? undefined : args[position];
}

/** Whether paths can start with the name without meaning something else. */
export function isItemName(name: Json): name is string {
  return typeof name === 'string' && name.length <= 64 && form.test(name) && !taken.includes(name);
}

const taken: readonly string[] = [...scopeRoots, 'current', 'accumulator'];
