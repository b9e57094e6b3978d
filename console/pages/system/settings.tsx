import type { components } from '../../../cli/api-types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Table } from '../../parts/table.tsx';
import { useWords } from '../../words/words.ts';
import { originTones } from './tones.ts';

type System = components['schemas']['System'];
type Setting = System['settings'][number];

/** The settings of Kait and of the project, with where each comes from. */
export function Settings({ settings, projectSettings }: Pick<System, 'settings' | 'projectSettings'>) {
  const { system } = useWords();
  const { origin, setting = '' } = useFilters(['origin', 'setting']);
  const wanted = setting.toLowerCase();
  const shown = settings.filter(
    (each) =>
      (origin !== 'set' || each.origin !== 'default') &&
      (each.name.toLowerCase().includes(wanted) || each.meaning.toLowerCase().includes(wanted)),
  );
  return (
    <>
      <Card title={system.settings} isFlush>
        <div class="inset">
          <FilterBar
            filters={[
              {
                ...{ kind: 'choice', name: 'origin', label: system.shown },
                options: [{ value: 'set', label: system.onlySet }],
              },
              { kind: 'text', name: 'setting', label: system.setting },
            ]}
          />
        </div>
        {shown.length === 0 ? (
          <Empty icon="filter" title={system.noSetting} />
        ) : (
          <Table
            caption={system.settings}
            rows={shown}
            keyOf={({ name }) => name}
            columns={[
              {
                head: system.setting,
                isWide: true,
                cell: ({ name, meaning }) => (
                  <>
                    <span class="mono break">{name}</span>
                    <span class="second meaning">{meaning}</span>
                  </>
                ),
              },
              { head: system.value, cell: (each) => <Value setting={each} /> },
              {
                head: system.origin,
                cell: (each) => <Badge tone={originTones[each.origin]}>{system.origins[each.origin]}</Badge>,
              },
            ]}
          />
        )}
      </Card>
      {projectSettings.length > 0 && (
        <Card title={system.projectSettings} isFlush>
          <Table
            caption={system.projectSettings}
            rows={projectSettings}
            keyOf={({ name }) => name}
            columns={[
              { head: system.setting, isWide: true, cell: ({ name }) => <span class="mono break">{name}</span> },
              { head: system.value, cell: ({ value }) => <span class="mono break value">{value}</span> },
              {
                head: system.origin,
                cell: ({ origin: from }) => <Badge tone={originTones[from]}>{system.projectOrigins[from]}</Badge>,
              },
            ]}
          />
        </Card>
      )}
    </>
  );
}

function Value({ setting: { isSecret, origin, value } }: { setting: Setting }) {
  const { system } = useWords();
  if (isSecret) return <span class="muted">{origin === 'default' ? system.notSet : system.hidden}</span>;
  return value === null ? <span class="faint">{system.notSet}</span> : <span class="mono break value">{value}</span>;
}
