/**
 * The type of the failure of an attempt that has met a worker without the activity, although the published set of definitions says that
 * the project has it: another worker will, or this one after its next deployment. No definition sees it. The run asks again later, and it
 * counts as no attempt.
 */
export const elsewhereType = 'ActivityElsewhere';

/** The pause before the next attempt: 1 s, doubled each time. */
export const elsewherePause = { firstMs: 1_000, mostMs: 10 * 60_000 };
