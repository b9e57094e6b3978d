import type { z } from 'zod';
import type { JsonObject } from './json.ts';

/** A type of outbound webhooks, as `definitions/event-types/<type>.json` describes it. */
export interface EventType {
  description: string | undefined;
  /** What receivers should use instead, if the type is on its way out. */
  deprecated: string | undefined;
  /** JSON Schema of the webhook's `data`, against which Kait checks what it sends. */
  data: JsonObject;
  /**
   * The same for receivers. A schema that was made from an example is open there: they should ignore members that they do not know, so that a
   * new one breaks nobody.
   */
  published: JsonObject;
  /** Data of such an event: the author's, or made up from the schema. */
  example: JsonObject;
  /** Checks the `with` of the steps that emit it. */
  input: z.ZodObject;
}

/** The types of a project, and what `definitions/event-types.json` says about all of them. */
export interface EventTypes {
  /** By their names, such as `order.created`. With those that Kait sends about itself. */
  byName: ReadonlyMap<string, EventType>;
  /** The names of those whose files have mistakes. Default: none. */
  faulty?: ReadonlySet<string>;
  about: EventCatalogue;
}

/** `definitions/event-types.json`: what receivers read above the list of types, and how strict Kait is. */
export interface EventCatalogue {
  /** Default: "Webhooks". */
  title: string;
  description: string | undefined;
  /** Of the list of types, as receivers see it. Default: "1". */
  version: string;
  contact: { name?: string | undefined; url?: string | undefined; email?: string | undefined } | undefined;
  /** Whether steps may only emit types that are described. Default: false. */
  strict: boolean;
}

/** Without a file. */
export const defaultCatalogue: EventCatalogue = {
  title: 'Webhooks',
  description: undefined,
  version: '1',
  contact: undefined,
  strict: false,
};

/** Of a project that describes none. */
export const noEventTypes: EventTypes = { byName: new Map(), about: defaultCatalogue };
