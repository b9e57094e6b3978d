import type { z } from 'zod';
import type { Duration } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { ActivityFetch } from './activity-fetch.ts';
import type { ActivityLog } from './activity-log.ts';
import { activityProblems } from './activity-problems.ts';
import type { Sql } from './sql.ts';

/** What every activity of a project gets beside its input. */
export interface ActivityContext {
  /** `<workflow id>/<step id>`: the same for every attempt of a step, and of no other. */
  idempotencyKey: string;
  /** Counts from 1. */
  attempt: number;
  /** Aborted if the attempt takes too long, the run is canceled, or the worker stops. Its reason is an error. */
  signal: AbortSignal;
  /** Says that the work goes on: see `heartbeat` of the activity. */
  heartbeat: () => void;
  /** Writes to the worker's log. */
  log: ActivityLog;
  /**
   * The value of `KAIT_SECRET_…`. Throws if `definitions/secrets.json` does not let this definition use it. It never appears in a
   * history or a log, whatever the activity returns or throws.
   */
  secret: (name: string) => string;
  /** The run's event. What the gateway sent (`data`) is not in it: a definition passes on what is needed of that. */
  event: ActivityEvent;
}

export type ActivityEvent = Omit<CanonicalEvent, 'data'>;

/** `database`: an effect on Kait's database, which happens once. `network`: whatever else. */
export type ActivityKind = 'database' | 'network';

export type ContextOf<Kind extends ActivityKind> = ActivityContext &
  (Kind extends 'database' ? { sql: Sql } : { fetch: ActivityFetch });

export interface ActivityOptions<Input extends z.ZodObject, Output extends z.ZodObject, Kind extends ActivityKind> {
  /** What definitions `call`: dot-separated words, such as `points.add`. */
  name: string;
  /** For lists and editors. */
  title: string;
  /** What a step passes by `with`. */
  input: Input;
  /** An input, for lists and editors. Checked against the schema. */
  example?: z.input<Input>;
  /** What later steps find in `steps.<id>`: at most 32 KiB of JSON from a `database` activity, and 256 KiB from a `network` activity. */
  output: Output;
  /**
   * `database`: gets `sql`, a transaction on Kait's database that also keeps the result under the step's key, so that a repeat returns it.
   * `network`: gets `fetch`.
   */
  kind: Kind;
  /** How long one attempt may take. Default 30s. A step may say otherwise; a definition's `defaults` come after this. */
  timeout?: Duration;
  /** The longest pause between two calls of `heartbeat()`. An attempt that is silent for longer ends. Default: none. */
  heartbeat?: Duration;
  /** How failed attempts are retried. Default: 20 attempts over about an hour. A step may say otherwise. */
  retry?: { attempts?: number; first?: Duration; factor?: number; max?: Duration; except?: string[] };
  /** Whether it books money. The checker warns of steps after it that a stranger's words can fail. Default false. */
  money?: boolean;
  /**
   * The types of its permanent errors, with what they mean: `{ MemberUnknown: 'No member has this address.' }`. Simulations and tests
   * of definitions then treat them as such. Other types can be thrown, too.
   */
  errors?: Record<string, string>;
  run(input: z.output<Input>, context: ContextOf<Kind>): z.input<Output> | Promise<z.input<Output>>;
}

/** Never set: it carries the types. */
declare const shapes: unique symbol;

/**
 * An activity of a project, as {@link defineActivity} returns it. `Input` is what a step passes, and `Output` what later steps find.
 */
export interface OwnActivity<Input = unknown, Output = unknown> {
  readonly [brand]: true;
  readonly [shapes]?: { input: Input; output: Output };
  readonly name: string;
  readonly title: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly example?: unknown;
  readonly kind: ActivityKind;
  readonly timeout?: Duration;
  readonly heartbeat?: Duration;
  readonly retry?: ActivityOptions<z.ZodObject, z.ZodObject, ActivityKind>['retry'];
  readonly money?: boolean;
  readonly errors?: Readonly<Record<string, string>>;
  readonly run: (input: unknown, context: never) => unknown;
}

/** Also tells the activities of another copy of this package. */
const brand = Symbol.for('kait.activity');

/**
 * Defines an activity that definitions can `call`. Make it the default export of a file in `activities/`. Throws if something about it
 * cannot work.
 */
export function defineActivity<Input extends z.ZodObject, Output extends z.ZodObject, Kind extends ActivityKind>(
  activity: ActivityOptions<Input, Output, Kind>,
): OwnActivity<z.input<Input>, z.output<Output>> {
  const problems = activityProblems(activity);
  if (problems.length > 0) throw new TypeError(`defineActivity: ${problems.join('. ')}`);
  // Its parts have been checked.
  const checked = activity as unknown as OwnActivity<z.input<Input>, z.output<Output>>;
  return Object.freeze({ ...checked, [brand]: true as const });
}

export function isOwnActivity(value: unknown): value is OwnActivity {
  return typeof value === 'object' && value !== null && brand in value;
}
