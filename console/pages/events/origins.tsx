import { useState } from 'preact/hooks';
import { JsonView } from '../../parts/json-view.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';
import { type Field, fieldsOf } from './event-fields.ts';
import type { Explained } from './explained.tsx';

/** The fields of the event beside what the gateway sent. Pointing at a field lights up where it was read. */
export function Origins({ event, explained }: { event: components['schemas']['Event']; explained: Explained | null }) {
  const { events } = useWords();
  const { origins } = events;
  const [pointed, point] = useState<string | null>(null);
  const [kept, keep] = useState<string | null>(null);
  const fields = fieldsOf(event.envelope, explained?.origins ?? []);
  const shown = fields.find(({ field }) => field === (pointed ?? kept));
  return (
    <div class="origins">
      <div class="origins-fields">
        <p class="small muted">{origins.what}</p>
        <ul aria-label={events.tabs.fields}>
          {fields.map((field) => (
            <li key={field.field}>
              <button
                type="button"
                class={`origin${field.field === shown?.field ? ' shown' : ''}`}
                aria-pressed={field.field === kept}
                onMouseEnter={() => point(field.field)}
                onMouseLeave={() => point(null)}
                onFocus={() => point(field.field)}
                onBlur={() => point(null)}
                onClick={() => keep(field.field === kept ? null : field.field)}
              >
                <span class="origin-name">{field.field.slice(1).replaceAll('/', '.')}</span>
                <span class="origin-value cut">{valueText(field)}</span>
                <span class="origin-from cut">
                  {field.from.length > 0
                    ? field.from.join(' + ')
                    : field.value === null
                      ? origins.notRead
                      : origins.derived}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {event.body?.hidden !== null ? (
        <Note>{event.body === null ? events.bodyGone : events.hiddenBody(event.body.hidden)}</Note>
      ) : (
        <JsonView value={event.data} what={events.tabs.data} lit={shown?.data ?? []} depth={3} />
      )}
    </div>
  );
}

function valueText({ value }: Field): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
