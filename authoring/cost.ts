export interface Range {
  min: number;
  max: number;
}

/** What a part of a run writes to its history if no step fails, and how many activities it calls. */
export interface Cost {
  /** Events other than those of workflow tasks. */
  events: Range;
  /** Workflow tasks, three events each. Work that ends at the same moment shares one, so this can be a fraction. */
  tasks: Range;
  calls: Range;
  /** The extra cost of each item of a loop whose list is known only at run time. */
  items: { loop: string; cost: Cost }[];
  /** Whether a `stop` in this part may end the run. */
  mayStop: boolean;
}

export const nothing: Cost = cost(0, 0, 0);

export function cost(events: number | Range, tasks: number | Range, calls: number): Cost {
  return { events: range(events), tasks: range(tasks), calls: range(calls), items: [], mayStop: false };
}

/** One after the other. After a possible `stop`, the rest may not happen. */
export function inSequence(costs: Cost[]): Cost {
  return costs.reduce((sum, next) => combine([sum, sum.mayStop ? perhaps(next) : next], add, add), nothing);
}

/** At the same time. At best they share all their workflow tasks. */
export function atOnce(costs: Cost[]): Cost {
  return combine(costs, add, (ranges) => ({ min: largest(ranges.map(({ min }) => min)), max: add(ranges).max }));
}

/** Exactly one of them. */
export function oneOf(costs: Cost[]): Cost {
  return combine(costs, span, span);
}

export function perhaps(one: Cost): Cost {
  return oneOf([one, nothing]);
}

/** Repeated `count` times, `together` of them at once; at best those share their workflow tasks. */
export function times(one: Cost, count: Range, together = 1): Cost {
  const scaled = ({ min, max }: Range): Range => ({ min: min * count.min, max: max * count.max });
  const tasks = { min: (one.tasks.min * count.min) / together, max: one.tasks.max * count.max };
  return { ...one, events: scaled(one.events), tasks, calls: scaled(one.calls) };
}

/** All events, including those of workflow tasks. */
export function eventsOf({ events, tasks }: Cost): Range {
  return { min: events.min + 3 * tasks.min, max: events.max + 3 * tasks.max };
}

type Joining = (ranges: Range[]) => Range;

function combine(costs: Cost[], join: Joining, joinTasks: Joining): Cost {
  return {
    events: join(costs.map(({ events }) => events)),
    tasks: joinTasks(costs.map(({ tasks }) => tasks)),
    calls: join(costs.map(({ calls }) => calls)),
    items: costs.flatMap(({ items }) => items),
    mayStop: costs.some(({ mayStop }) => mayStop),
  };
}

function add(ranges: Range[]): Range {
  return ranges.reduce((sum, { min, max }) => ({ min: sum.min + min, max: sum.max + max }), { min: 0, max: 0 });
}

function span(ranges: Range[]): Range {
  return {
    min: ranges.length === 0 ? 0 : Math.min(...ranges.map(({ min }) => min)),
    max: largest(ranges.map(({ max }) => max)),
  };
}

function largest(numbers: number[]): number {
  return Math.max(0, ...numbers);
}

function range(count: number | Range): Range {
  return typeof count === 'number' ? { min: count, max: count } : count;
}
