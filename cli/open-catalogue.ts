import { createCatalogue, type Catalogue } from '../activities/catalogue.ts';

/** Reads the activities of an installation. */
export function openCatalogue(): Promise<Catalogue> {
  return Promise.resolve(createCatalogue());
}
