import { checkDefinition } from '../../language/check.ts';
import { activityTypes } from './activity-types.ts';

export function check(text: string): ReturnType<typeof checkDefinition> {
  return checkDefinition({ text, file: 'a.json', activities: activityTypes });
}

/** Checks a definition of these steps. */
export function checkSteps(...steps: unknown[]): ReturnType<typeof checkDefinition> {
  return check(JSON.stringify({ name: 'a', on: { event: 'payment.succeeded' }, steps }));
}

/** Each finding as `<code> <pointer>`. */
export function codesOf({ findings }: ReturnType<typeof checkDefinition>): string[] {
  return findings.map(({ code, pointer }) => `${code} ${pointer}`);
}
