import type { ActivityType } from '../language/check/context.ts';

/** What Kait knows of an activity. Its shapes are checked when a definition is loaded and again when the activity runs. */
export interface CatalogueEntry extends ActivityType {
  title: string;
  /**
   * `local`: short, on the database only. A Temporal local activity, so that several take one workflow task.
   * `network`: an ordinary activity, whose attempts Temporal records and shows.
   */
  where: 'local' | 'network';
  /** The types of the failures that it throws on purpose, with what they mean. Each is permanent, and nothing has happened. */
  errors?: Readonly<Record<string, string>>;
}
