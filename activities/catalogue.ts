import type { z } from 'zod';
import { builtInActivities, verbActivities } from './built-in-activities.ts';

/** The shapes of an activity. They are checked when a definition is loaded and again when the activity runs. */
export interface CatalogueEntry {
  title: string;
  input: z.ZodObject;
  output: z.ZodObject;
  /**
   * `local`: short, on the database only. A Temporal local activity, so that several take one workflow task.
   * `network`: an ordinary activity, whose attempts Temporal records and shows.
   */
  where: 'local' | 'network';
  /** Whether it books money. The checker warns of steps after it that a stranger's words can fail. */
  money?: boolean;
  /** See `ActivityType.verb`. */
  verb?: 'http';
  /** The type of the failure with which it refuses an input of the right form. */
  refusal?: string;
}

/** The activities of an installation. Who checks, simulates or starts runs is given one; nobody imports the activities. */
export interface Catalogue {
  /** What a definition may `call`, by name: Kait's activities and the project's. */
  callable: Readonly<Record<string, CatalogueEntry>>;
  /** Also those behind verbs. They are what simulations and workers know. */
  all: Readonly<Record<string, CatalogueEntry>>;
  /** The names of those that run as local activities: the value of `RunInput.localActivities`. */
  localNames: string[];
}

/** What a project changes in the catalogue. */
export interface ProjectActivities {
  /** Its own activities, by name. One with the name of a built-in activity takes its place. */
  own?: Readonly<Record<string, CatalogueEntry>>;
}

/** The catalogue of a project; without one, of Kait alone. */
export function createCatalogue({ own = {} }: ProjectActivities = {}): Catalogue {
  const callable: Record<string, CatalogueEntry> = { ...builtInActivities, ...own };
  const all: Record<string, CatalogueEntry> = { ...callable, ...verbActivities };
  return { callable, all, localNames: Object.keys(all).filter((name) => all[name]?.where === 'local') };
}
