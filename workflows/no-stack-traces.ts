/**
 * Loaded before everything else in the sandbox. The SDK has V8 record a stack trace for every promise there, which was most of what a step costs.
 * Without a limit, V8 records none at all, and the SDK keeps nothing of the promise; with a limit of 0, it would keep an empty one. The setting
 * `KAIT_WORKER_STACKS` keeps them: see `worker/built-bundle.ts`.
 */
if ((globalThis as { keepsStackTraces?: boolean }).keepsStackTraces !== true) {
  delete (Error as { stackTraceLimit?: number }).stackTraceLimit;
}
