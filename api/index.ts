/** The public API of the package `kait`, for a project's own activities. Modules of Kait import what they need from its own place. */
export { z } from 'zod';
export { PermanentError, TransientError } from '../activities/own/activity-errors.ts';
export {
  type ActivityContext,
  type ActivityEvent,
  defineActivity,
  type OwnActivity,
} from '../activities/own/define-activity.ts';
export type { Sql, SqlParameter } from '../activities/own/sql.ts';
export { SqlError } from '../activities/own/sql-error.ts';
export type { CanonicalEvent, Customer, Dispute, Payment, Payout, Refund, Subscription } from '../language/event.ts';
