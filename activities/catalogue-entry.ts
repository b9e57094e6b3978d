import type { z } from 'zod';
import type { StepDefaults } from '../language/definition.ts';
import type { ExternalCall } from '../language/external-activity.ts';

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
  /** See `ActivityType.limits`. */
  limits?: StepDefaults;
  /** Whether it books money. The checker warns of steps after it that a stranger's words can fail. */
  money?: boolean;
  /** See `ActivityType.absent`. */
  absent?: string;
  /** See `ActivityType.undoable`. */
  undoable?: boolean;
  /** See `ActivityType.external`. */
  external?: ExternalCall;
  /** See `ActivityType.verb`. */
  verb?: 'http';
  /** The type of the failure with which it refuses an input of the right form. */
  refusal?: string;
}
