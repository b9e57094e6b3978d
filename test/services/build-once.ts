import { buildPackage } from '../../build/build-package.ts';

/** Several projects need what is built, and each has a setup of its own in the same process. */
export function buildOnce(): Promise<void> {
  const shared = globalThis as { builtForTests?: Promise<void> };
  return (shared.builtForTests ??= buildPackage());
}
