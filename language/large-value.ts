/**
 * Bytes of JSON above which a history only refers to a run's input, result or state. Temporal warns of more than twice that, and takes
 * 2 MB.
 */
export const largeValueBytes = 256 * 1_024;
