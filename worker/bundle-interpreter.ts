import { createRequire } from 'node:module';
import { type BundleOptions, bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Logger } from 'pino';

const { resolve } = createRequire(import.meta.url);
const payloadConverterPath = resolve('../workflows/payload-converter.ts');
const headersPath = resolve('../workflows/external-headers.ts');

/** Bundles the interpreter's source for Temporal's sandbox. Takes a second or two. What is installed has it in `dist/`. */
export function bundleInterpreter(log: Logger): Promise<WorkflowBundleWithSourceMap> {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string) => log[level](message);
  return bundleWorkflowCode({
    ...interpreting([payloadConverterPath, headersPath]),
    workflowInterceptorModules: [headersPath],
    payloadConverterPath,
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

/** How the interpreter is bundled, whatever comes beside it. `beside`: more modules that keep no state of a run. */
export function interpreting(
  beside: string[] = [],
): Required<Pick<BundleOptions, 'workflowsPath' | 'preloadModules' | 'webpackConfigHook'>> {
  const workflowsPath = resolve('../workflows/interpret.ts');
  return {
    workflowsPath,
    // Runs share the code, which keeps no state of theirs. Otherwise each run loads it anew.
    preloadModules: [resolve('../workflows/no-stack-traces.ts'), ...beside, workflowsPath],
    webpackConfigHook: forNode,
  };
}

/**
 * Bundles for the Node that runs it, in place of ES2017, and as one module in place of a hundred: a replay takes 0.89 of the CPU. The source map has
 * places but no sources, which no one asks for, and of which each of the SDK's threads would keep a copy.
 */
const forNode: NonNullable<BundleOptions['webpackConfigHook']> = (config) => {
  for (const rule of config.module?.rules ?? []) {
    const use = (rule as { use?: { options?: { jsc?: { target: string } } } }).use; // As the SDK writes them.
    if (use?.options?.jsc !== undefined) use.options.jsc.target = 'es2022';
  }
  return {
    ...config,
    devtool: 'inline-nosources-source-map',
    optimization: { ...config.optimization, concatenateModules: true, providedExports: true, usedExports: true },
  };
};
