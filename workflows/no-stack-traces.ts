/**
 * Loaded before everything else in the sandbox. The SDK has V8 record a stack trace for every promise there, which was most of what a step costs.
 * The setting `KAIT_WORKER_STACKS` keeps them: see `worker/built-bundle.ts`.
 */
if ((globalThis as { keepsStackTraces?: boolean }).keepsStackTraces !== true) Error.stackTraceLimit = 0;
