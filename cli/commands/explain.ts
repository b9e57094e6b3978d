import pc from 'picocolors';
import { explainDefinition, type KnownSetting } from '../../authoring/explain-definition.ts';
import { activityRules } from '../activities/activity-rules.ts';
import { settingVariables } from '../../config.ts';
import { type ProjectSettings, settingVariable, soundsLikeSecret } from '../../language/project-settings.ts';
import { formatExplanation } from '../../authoring/format-explanation.ts';
import type { Catalogue } from '../../activities/catalogue.ts';
import { withActivityLimits } from '../../language/activity-limits.ts';
import type { Definition, UndoAction } from '../../language/definition.ts';
import type { RunRules } from '../../authoring/run-rules.ts';
import { emitActivity, httpActivity, limitsMs } from '../../workflows/actions.ts';
import { declaresUndo, failurePolicyOf, undoesOnCancel } from '../../workflows/undo.ts';
import { openDefinition, readDefinition } from '../open-definition.ts';

/** `kait explain`: explains what a definition does. Resolves to the exit code: 1 if it cannot be read or has mistakes. */
export async function explain(
  { file, json }: { file: string; json: boolean },
  write: (text: string) => void,
): Promise<number> {
  const read = await readDefinition(file, 'explain', write);
  if (read === null) return 1;
  const { children, catalogue, settings } = await openDefinition(file, 'explain');
  const rules = runRules(children, catalogue);
  const explanation = explainDefinition({
    definition: read.definition,
    hash: read.hash,
    rules,
    settings: settings === undefined ? [] : knownSettings(settings, settingVariables()),
    now: new Date(),
  });
  write(json ? JSON.stringify(explanation, null, 2) : formatExplanation(explanation, pc.bold));
  return 0;
}

function knownSettings(
  { types, values }: ProjectSettings,
  variables: Readonly<Record<string, string>>,
): KnownSetting[] {
  return Object.keys(types).map((name) => {
    const variable = settingVariable(name);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return { name, value: null, variable, from: 'nowhere' };
    const from = Object.hasOwn(variables, variable) ? 'environment' : 'default';
    return { name, value: soundsLikeSecret(name) ? null : value, variable, from };
  });
}

/** The interpreter's own rules. `children` are the definitions beside the explained one. */
function runRules(children: Readonly<Record<string, Definition>>, catalogue: Catalogue): RunRules {
  const inputs = Object.fromEntries(
    Object.entries(children).map(([name, definition]) => [name, { definition, definitionHash: '' }]),
  );
  return {
    ...activityRules(catalogue),
    emitActivity,
    httpActivity,
    // It is given whole steps.
    limitsMs: (own, defaults) => limitsMs(withActivityLimits(own as UndoAction, catalogue.limits), defaults),
    handsUp: (name) => {
      const child = Object.hasOwn(children, name) ? children[name] : undefined;
      return child !== undefined && declaresUndo(child, inputs);
    },
    failurePolicyOf: (definition) => failurePolicyOf(definition, inputs),
    undoesOnCancel: (definition) => undoesOnCancel(definition, inputs),
  };
}
