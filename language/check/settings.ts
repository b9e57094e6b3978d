import type { ProjectSettings, SettingType } from '../project-settings.ts';
import type { SettingsShape } from './environment.ts';
import type { JsonShape } from './json-shape.ts';

/** Stands in the host of a URL for a setting without a value. A name that cannot exist (RFC 6761). */
export const unsetHost = 'unset.invalid';
const unsetUrl = `https://${unsetHost}`;

const shapes: Record<SettingType, JsonShape> = {
  text: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  url: { type: 'string' },
  list: { type: 'array', items: { type: 'string' } },
};

/** The form of `settings` for references. */
export function settingsShape(settings: ProjectSettings | { problem: string } | undefined): SettingsShape | undefined {
  if (settings === undefined || 'problem' in settings) return settings;
  const properties = Object.fromEntries(Object.entries(settings.types).map(([name, type]) => [name, shapes[type]]));
  return { shape: { type: 'object', properties, additionalProperties: false } };
}

/**
 * The text of a setting, by its path. Of a URL only the origin: what follows it may be another path in another environment, so that the
 * definition must be right with any. Undefined if the path leads to no setting.
 */
export function constantSetting(
  path: string,
  settings: ProjectSettings | { problem: string } | undefined,
): string | undefined {
  const [, name] = /^settings\.([^.]+)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (settings === undefined || 'problem' in settings) return unsetUrl;
  const type = Object.hasOwn(settings.types, name) ? settings.types[name] : undefined;
  const value = Object.hasOwn(settings.values, name) ? (settings.values[name] ?? null) : null;
  if (value === null) return type === undefined || type === 'url' ? unsetUrl : unsetHost;
  if (typeof value === 'object') return undefined;
  return type === 'url' ? new URL(String(value)).origin : String(value);
}
