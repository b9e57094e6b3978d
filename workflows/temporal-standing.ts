import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType, type TypedSearchAttributes } from '@temporalio/common';
import type { RunInput } from '../language/definition.ts';
import { type RunStanding, standingAttribute, standingsByWeight, stepAttribute } from '../language/run-standing.ts';
import { cutText } from '../language/well-formed.ts';
import type { RunObserver, Standing } from './run-context.ts';

const stateKey = defineSearchAttributeKey(standingAttribute, SearchAttributeType.KEYWORD);
const stepKey = defineSearchAttributeKey(stepAttribute, SearchAttributeType.KEYWORD);

/** Characters that Temporal's SQL databases keep of a keyword. */
const mostCharacters = 255;

interface Shown {
  state: RunStanding;
  key: string;
}

/**
 * Keeps the two search attributes as the run stands. An upsert costs an event and no task, and a run that never waits has none. Undefined if
 * the namespace lacked the attributes when the run began: Temporal would fail its tasks.
 */
export function temporalStanding({ showsState }: Pick<RunInput, 'showsState'>): RunObserver['stands'] {
  if (showsState !== true) return undefined;
  const open: Shown[] = [];
  let shown = shownNow(workflowInfo().typedSearchAttributes);
  return (change) => {
    note(change, open);
    const next = heaviest(open, shown);
    if (next?.state === shown?.state && next?.key === shown?.key) return;
    shown = next;
    upsertSearchAttributes([
      { key: stateKey, value: next?.state ?? null },
      { key: stepKey, value: next?.key ?? null },
    ]);
  };
}

/** A run that has continued as new begins with the attributes of the one before. */
function shownNow(attributes: TypedSearchAttributes): Shown | undefined {
  const state = attributes.get(stateKey) as RunStanding | undefined; // Nobody else writes it.
  return state === undefined ? undefined : { state, key: attributes.get(stepKey) ?? '' };
}

function note({ state, key, begins }: Standing, open: Shown[]): void {
  const each = { state, key: cutText(key, mostCharacters) };
  if (begins) {
    open.push(each);
    return;
  }
  const position = open.findIndex((other) => other.state === state && other.key === each.key);
  if (position >= 0) open.splice(position, 1);
}

/** What is shown stays, unless something heavier begins. */
function heaviest(open: readonly Shown[], shown: Shown | undefined): Shown | undefined {
  for (const state of standingsByWeight) {
    const like = open.filter((each) => each.state === state);
    if (like.length > 0) return like.find(({ key }) => shown?.state === state && shown.key === key) ?? like[0];
  }
  return undefined;
}
