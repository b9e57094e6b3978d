import pc from 'picocolors';
import { localActivityNames } from '../../activities/catalogue.ts';
import { explainDefinition } from '../../authoring/explain-definition.ts';
import { formatExplanation } from '../../authoring/format-explanation.ts';
import type { RunRules } from '../../authoring/run-rules.ts';
import { emitActivity, httpActivity, limitsMs } from '../../workflows/actions.ts';
import { failurePolicyOf, undoesOnCancel } from '../../workflows/undo.ts';
import { readDefinition } from '../open-definition.ts';

/** `kait explain`: explains what a definition does. Resolves to the exit code: 1 if it cannot be read or has mistakes. */
export async function explain(
  { file, json }: { file: string; json: boolean },
  write: (text: string) => void,
): Promise<number> {
  const read = await readDefinition(file, 'explain', write);
  if (read === null) return 1;
  const explanation = explainDefinition({ definition: read.definition, hash: read.hash, rules: runRules });
  write(json ? JSON.stringify(explanation, null, 2) : formatExplanation(explanation, pc.bold));
  return 0;
}

/** The interpreter's own rules. */
const runRules: RunRules = {
  localActivities: localActivityNames(),
  emitActivity,
  httpActivity,
  limitsMs,
  failurePolicyOf,
  undoesOnCancel,
};
