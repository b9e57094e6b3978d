import type { RunInput } from './definition.ts';
import type { JsonObject } from './json.ts';

/** What a run takes over when it goes on with another version of its definition. All else of its input stays. */
export type NewDefinition = Pick<
  RunInput,
  'definition' | 'definitionHash' | 'localActivities' | 'activityLimits' | 'external' | 'children' | 'settings'
>;

/** The input of a run after it has taken a definition, without a seal. Server and run compute the same, since it is sealed. */
export function migratedInput(own: RunInput, to: NewDefinition): RunInput {
  const { definition, definitionHash, localActivities, activityLimits, external, children, settings } = to;
  const { event, first, vars, holdsTurn, showsState, rescue } = own;
  return {
    ...{ definition, definitionHash, event, localActivities },
    ...(activityLimits && { activityLimits }),
    ...(external && { external }),
    ...(children && { children }),
    ...(settings && { settings }),
    ...(first && { first }),
    ...(vars && { vars }),
    ...(holdsTurn && { holdsTurn }),
    ...(showsState && { showsState }),
    ...(rescue && { rescue }),
  };
}

/** The question `open`. */
export interface OpenQuestion {
  /** Whether the run could take it. */
  to: NewDefinition;
}

/** What a run under way answers to the query `open`. Steps by their keys. JSON. */
export interface OpenAnswer {
  /** Null: it is too large. */
  input: JsonObject | null;
  parked: string[];
  /** Steps whose activity is under way or between two attempts. */
  calling: string[];
  waiting: string[];
  asking: string[];
  isPaused: boolean;
  isUndoing: boolean;
  /** Why the run cannot take the definition of the question. Null: it can, or there was no question. */
  problem: { refusal: string; message: string } | null;
}
