import { readFile } from 'node:fs/promises';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { packagePath } from '../package-path.ts';

/** The interpreter's bundle as the build has made it. `keepsStacks`: see `workflows/no-stack-traces.ts`. */
export async function builtBundle({ keepsStacks }: { keepsStacks: boolean }): Promise<WorkflowBundleOption> {
  const codePath = packagePath('dist', 'workflows.js');
  if (!keepsStacks) return { codePath };
  // On the same line, so that source maps stay right.
  return { code: `globalThis.keepsStackTraces=true;${await readFile(codePath, 'utf8')}` };
}
