import { api, answerOf } from '../../app/api.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { useWords } from '../../words/words.ts';

/** Has the runs under way of a definition take it as it is served now. Those that cannot are left alone. */
export function MigrateRuns({ name }: { name: string }) {
  const { definitions } = useWords();
  return (
    <CommandButton
      label={definitions.migrate}
      icon="definition"
      what={definitions.migrateWhat}
      done={definitions.migrateNone}
      act={async (reason) => {
        const { taken, left } = await migrateAll(name, reason);
        return taken + left === 0 ? definitions.migrateNone : definitions.migrateDone(taken, left);
      }}
    />
  );
}

async function migrateAll(definition: string, reason: string): Promise<{ taken: number; left: number }> {
  const counted = { taken: 0, left: 0 };
  let cursor: string | null = null;
  do {
    const how = { definition, reason, dryRun: false, limit: 200, via: 'api' as const };
    const body = { ...how, ...(cursor !== null && { cursor }) };
    const page: { items: { refused: string | null }[]; next: string | null } = await answerOf(
      api.POST('/migrations', { body }),
    );
    // Runs that have it already are neither.
    counted.taken += page.items.filter(({ refused }) => refused === null).length;
    counted.left += page.items.filter(({ refused }) => refused !== null && refused !== 'same').length;
    cursor = page.next;
  } while (cursor !== null);
  return counted;
}
