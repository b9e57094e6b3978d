import type { OwnActivity } from '../own/define-activity.ts';
import { cancelOrder } from './cancel-order.ts';
import { createOrder } from './create-order.ts';
import { grantCashback } from './grant-cashback.ts';

/**
 * The activities of the example shop that comes with Kait, by name. They are written as a project writes its own and can do no more than
 * those: their tables are in the schema `shop`, whose rows every activity may read and change.
 */
export const shopActivities: ReadonlyMap<string, OwnActivity> = new Map(
  [createOrder, cancelOrder, grantCashback].map((activity) => [activity.name, activity]),
);
