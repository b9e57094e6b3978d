import { sqlStateOf } from './sql-state.ts';

/**
 * Whether an error of a statement about many items is about one of them: a value that the database cannot hold (SQLSTATE class 22), a
 * constraint (23), or a deadlock (40) between two statements that contain the same items in a different order.
 */
export function blamesOneItem(error: unknown): boolean {
  return /^(22|23|40)/.test(sqlStateOf(error) ?? '');
}
