import './audit.css';
import type { components } from '../../../cli/api-types.ts';
import { answerOf, api } from '../../app/api.ts';
import { given } from '../../app/given.ts';
import { Link } from '../../app/link.tsx';
import { useLive } from '../../app/live.ts';
import { periods, useSince } from '../../app/periods.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Filter, FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { More } from '../../parts/more.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { TextWithTimes } from '../../parts/text-with-times.tsx';
import { Time } from '../../parts/time.tsx';
import type { Tone } from '../../parts/tones.ts';
import { may } from '../../app/session.ts';
import { useWords, type Words } from '../../words/words.ts';
import { subjectLink } from './subject.ts';

type Entry = components['schemas']['AuditEntry'];
type Action = Entry['action'];

const pageSize = 50;

/** What stands out: bodies that somebody has seen unredacted, what cannot be taken back, and whoever was not let in. */
const tones: Partial<Record<Action, Tone>> = {
  reveal: 'warn',
  'fail-log-in': 'bad',
  terminate: 'bad',
  'remove-endpoint': 'bad',
  'revoke-key': 'warn',
  'add-key': 'warn',
  'set-result': 'warn',
  'edit-input': 'warn',
  'run-again': 'warn',
};

/** Who did what, when and why, newest first. */
export default function Audit() {
  const words = useWords();
  const { audit } = words;
  const query = useFilters(['actor', 'action', 'target', 'since']);
  const began = useSince(query.since);
  const list = usePages(JSON.stringify(query), (cursor, signal) => {
    const { actor, action, target } = query;
    // The API refuses other actions.
    const filters = { actor, action: action as Action | undefined, target, since: began, cursor, limit: pageSize };
    return answerOf(api.GET('/audit', { signal, params: { query: given(filters) } }));
  });
  useLive(['runs', 'status'], list.reload);
  const isFiltered = Object.keys(query).length > 0;
  return (
    <Page title={audit.title} about={audit.about}>
      <FilterBar filters={filtersIn(words)} />
      {!may('admin') && <Note>{audit.withoutPeople}</Note>}
      <Card isFlush>
        <Load of={list}>
          {(entries) =>
            entries.length === 0 ? (
              <Empty icon={isFiltered ? 'filter' : 'audit'} title={isFiltered ? audit.noneMatch : audit.none}>
                {!isFiltered && <p>{audit.noneWhat}</p>}
              </Empty>
            ) : (
              <>
                <ul class="audit" aria-label={audit.title}>
                  {entries.map((entry, index) => (
                    <Item key={`${entry.at}${index}`} entry={entry} />
                  ))}
                </ul>
                {list.hasMore && <More isLoading={list.isLoadingMore} onMore={() => void list.more()} />}
              </>
            )
          }
        </Load>
      </Card>
    </Page>
  );
}

function filtersIn({ audit, runs }: Words): Filter[] {
  const actions = Object.entries(audit.actions).map(([value, label]) => ({ value, label }));
  return [
    { kind: 'text', name: 'actor', label: audit.who },
    {
      ...{ kind: 'choice', name: 'action', label: audit.what },
      options: actions.sort((one, other) => one.label.localeCompare(other.label)),
    },
    { kind: 'text', name: 'target', label: audit.subject, placeholder: audit.subjectHint },
    {
      ...{ kind: 'choice', name: 'since', label: audit.when },
      options: periods.map((value) => ({ value, label: runs.periods[value] })),
    },
  ];
}

function Item({ entry }: { entry: Entry }) {
  const { audit } = useWords();
  const { at, actor, action, target, reason, step, via, digest } = entry;
  const tone = tones[action];
  const href = subjectLink(entry);
  const name = audit.actions[action];
  return (
    <li class={tone === undefined ? 'audit-entry' : `audit-entry ${tone}`}>
      <div class="audit-what">
        {tone === undefined ? <strong>{name}</strong> : <Badge tone={tone}>{name}</Badge>}
        {step !== null && <span class="mono break">{step}</span>}
        <span class="audit-when faint small">
          <Time at={at} />
        </span>
      </div>
      <p class="break">
        {href === null ? (
          <span class="muted">
            <TextWithTimes text={target} />
          </span>
        ) : (
          <Link class="break" href={href}>
            {target}
          </Link>
        )}
      </p>
      {reason !== '' && (
        <p class="break">
          <TextWithTimes text={reason} />
        </p>
      )}
      <p class="small faint break">
        {actor}
        {via !== null && ` · ${audit.ways[via]}`}
        {digest !== null && (
          <>
            {' · '}
            <span class="mono">{digest.slice(0, 12)}</span> <Copy text={digest} what={audit.digest} />
          </>
        )}
      </p>
    </li>
  );
}
