import { createRequire } from 'node:module';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Bundles the interpreter's source for Temporal's sandbox. Takes a second or two. What is installed has it in `dist/`. */
export function bundleInterpreter(log: Logger): Promise<WorkflowBundleWithSourceMap> {
  const { resolve } = createRequire(import.meta.url);
  const workflowsPath = resolve('../workflows/interpret.ts');
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string) => log[level](message);
  return bundleWorkflowCode({
    workflowsPath,
    // Runs share the code, which keeps no state of theirs. Otherwise each run loads it anew.
    preloadModules: [resolve('../workflows/no-stack-traces.ts'), workflowsPath],
    workflowInterceptorModules: [resolve('../workflows/external-headers.ts')],
    payloadConverterPath: resolve('../workflows/payload-converter.ts'),
    logger: {
      log: (_level, message) => log.debug(message),
      trace: write('debug'),
      debug: write('debug'),
      info: write('debug'),
      warn: write('warn'),
      error: write('error'),
    },
  });
}
