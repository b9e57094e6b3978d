/** What starts a definition, as it is written: event types with their sources, a schedule, or nothing that can be said shortly. */
export function triggerText(trigger: unknown): string {
  if (trigger === null || typeof trigger !== 'object') return '';
  const { event, source, schedule, timezone } = trigger as Record<string, unknown>;
  if (schedule !== undefined) return [listOf(schedule), textOf(timezone)].filter(Boolean).join(' · ');
  return [listOf(event), listOf(source)].filter(Boolean).join(' · ');
}

function listOf(value: unknown): string {
  return [value].flat().map(textOf).filter(Boolean).join(', ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
