import type { ActivityTypes } from '../language/check.ts';
import type { Json } from '../language/json.ts';

/** Why an activity would refuse its input, in the words of the real one; undefined where it would not. */
export function inputRefusal(activities: ActivityTypes, activity: string, input: Json): string | undefined {
  const type = Object.hasOwn(activities, activity) ? activities[activity] : undefined;
  const parsed = type?.input.safeParse(input);
  if (parsed === undefined || parsed.success) return undefined;
  const mistakes = parsed.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `\`${path.map(String).join('.')}\`: ${message}`;
  });
  return `${activity}: ${mistakes.join('; ')}`;
}
