import { z } from 'zod';
import { runVerbs, stepVerbs } from '../language/commands.ts';
import { keepCommand, keepDefinition } from '../storage/command-records.ts';
import { commandSealFits } from '../storage/command-seal.ts';
import type { Database } from '../storage/database.ts';
import type { Installation } from '../storage/installation.ts';
import { askDatabase } from './ask-database.ts';
import { ownWorkflow } from './own-workflow.ts';
import { parseShape } from './parse-input.ts';

export interface CommandActivityDeps {
  database: Database;
  installation: Installation;
  /** The workflow that asks for the activity, as Temporal says, and its run; null if none does. */
  workflowId: () => string | null;
  runId: () => string | null;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const commandInput = z.strictObject({
  verb: z.enum([...stepVerbs, ...runVerbs, 'migrate']),
  id: z.string().max(1_000),
  step: z.string().min(1).max(256).nullable(),
  digest: digest.nullable(),
  definition: digest.optional(),
  by: z.string().max(200).nullable(),
  reason: z.string().max(2_000).nullable(),
  origin: z.strictObject({ via: z.enum(['api', 'cli']), address: z.string().nullable(), seal: digest }).nullable(),
});

/** The activity with which a run writes into the audit what an operator commands. A run can do that for itself only. */
export function createCommandActivities({ database, installation, workflowId, runId }: CommandActivityDeps) {
  return {
    'runs.command': async (input: unknown): Promise<{ refusal: 'forged' | null }> => {
      const { origin, definition, ...command } = parseShape('runs.command', commandInput, input);
      const own = { ...command, workflowId: ownWorkflow(workflowId()) };
      if (command.verb === 'migrate' && origin === null) return { refusal: 'forged' };
      const { via, address } = origin ?? { via: 'temporal' as const, address: null };
      if (origin !== null && !commandSealFits(installation, { ...own, via, address }, origin.seal)) {
        return { refusal: 'forged' };
      }
      const isKept = await askDatabase(() =>
        keepCommand(database, { ...own, digest: definition ?? own.digest, via, runId: runId() ?? '' }),
      );
      return { refusal: isKept ? null : 'forged' };
    },

    /** Which definition the run has, so that lists and `kait publish` go by it. */
    'runs.migrated': async (input: unknown): Promise<null> => {
      const { definitionHash } = parseShape('runs.migrated', z.strictObject({ definitionHash: digest }), input);
      await askDatabase(() => keepDefinition(database, ownWorkflow(workflowId()), definitionHash));
      return null;
    },
  };
}
