/** In place of an output: what the step waited for did not come in time. */
export const timedOut: unique symbol = Symbol('timedOut');
