import type { StepDefaults } from '../language/definition.ts';
import type { ExternalCall } from '../language/external-activity.ts';
import { limitsOf } from '../language/activity-limits.ts';
import { builtInActivities } from './built-in-activities.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { verbActivities } from './engine-activities.ts';
import { refusingFaultyData } from '../language/event-data-fault.ts';
import type { EventTypes } from '../language/event-types.ts';

/** The activities of an installation. Who checks, simulates or starts runs is given one; nobody imports the activities. */
export interface Catalogue {
  /** What a definition may `call`, by name: Kait's activities and the project's. Those that are turned off say so. */
  callable: Readonly<Record<string, CatalogueEntry>>;
  /** Also those behind verbs. They are what simulations and workers know. */
  all: Readonly<Record<string, CatalogueEntry>>;
  /** The names of those that run as local activities: the value of `RunInput.localActivities`. */
  localNames: string[];
  /** The limits of those that have some: the value of `RunInput.activityLimits`. */
  limits: Record<string, StepDefaults>;
  /** What runs need to know of those that workers of other programs run. */
  external: Record<string, ExternalCall>;
}

/** What a project changes in the catalogue. */
export interface ProjectActivities {
  /** Its own activities, by name. One with the name of a built-in activity takes its place. */
  own?: Readonly<Record<string, CatalogueEntry>>;
  /** The names of the activities that come with Kait and that it turns off. */
  off?: readonly string[];
}

const absent = 'It comes with Kait, and "kait": { "off": […] } in package.json turns it off.';

/** The catalogue of a project; without one, of Kait alone. */
export function createCatalogue({ own = {}, off = [] }: ProjectActivities = {}): Catalogue {
  const shipped: Record<string, CatalogueEntry> = { ...builtInActivities };
  for (const name of off) if (shipped[name] !== undefined) shipped[name] = { ...shipped[name], absent };
  const callable = { ...shipped, ...own };
  const present = Object.entries(callable).filter(([, entry]) => entry.absent === undefined);
  const all: Record<string, CatalogueEntry> = { ...Object.fromEntries(present), ...verbActivities };
  return {
    callable,
    all,
    localNames: Object.keys(all).filter((name) => all[name]?.where === 'local'),
    limits: limitsOf(all),
    external: Object.fromEntries(
      Object.entries(all).flatMap(([name, { external }]) => (external ? [[name, external]] : [])),
    ),
  };
}

/** The catalogue whose `outbound.emit` refuses what the worker would refuse, for simulations. */
export function withEventTypes(catalogue: Catalogue, eventTypes: EventTypes): Catalogue {
  const emit = verbActivities['outbound.emit'];
  const input = refusingFaultyData(emit.input, eventTypes);
  return { ...catalogue, all: { ...catalogue.all, 'outbound.emit': { ...emit, input } } };
}
