import type { CatalogueEntry } from './catalogue-entry.ts';
import { engineActivities } from './engine-activities.ts';
import { entryOf } from './own/own-entry.ts';
import { shopActivities } from './shop/shop-activities.ts';

/** The activities that come with Kait and that a definition may `call`. */
export const builtInActivities: Readonly<Record<string, CatalogueEntry>> = {
  ...Object.fromEntries([...shopActivities].map(([name, activity]) => [name, entryOf(activity)])),
  ...engineActivities,
};
