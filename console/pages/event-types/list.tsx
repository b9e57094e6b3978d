import './event-types.css';
import { useState } from 'preact/hooks';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useWords } from '../../words/words.ts';
import { fieldsOf } from './fields.ts';
import { saveAs } from './save-as.ts';

type EventType = components['schemas']['EventType'];

/** What receivers can subscribe to: each type with its schema and an example. */
export default function EventTypes() {
  const { eventTypes } = useWords();
  const loaded = useLoad('event-types', (signal) =>
    answerOf(api.GET('/event-types', { signal, params: { query: {} } })),
  );
  const [wanted, setWanted] = useState('');
  return (
    <Page title={eventTypes.title} about={eventTypes.about} actions={<Documents />}>
      <Load of={loaded}>
        {({ items }) => {
          const shown = items.filter(({ type, description }) =>
            `${type} ${description ?? ''}`.toLowerCase().includes(wanted.trim().toLowerCase()),
          );
          if (items.length === 0) {
            return (
              <Card isFlush>
                <Empty icon="types" title={eventTypes.none}>
                  <p>{eventTypes.noneWhat}</p>
                </Empty>
              </Card>
            );
          }
          return (
            <>
              <input
                class="input type-search"
                type="search"
                aria-label={eventTypes.find}
                placeholder={eventTypes.find}
                value={wanted}
                onInput={(event) => setWanted(event.currentTarget.value)}
              />
              <Card isFlush>
                {shown.length === 0 ? (
                  <Empty icon="types" title={eventTypes.noneMatch} />
                ) : (
                  shown.map((each) => <One key={each.type} eventType={each} isOpen={shown.length === 1} />)
                )}
              </Card>
            </>
          );
        }}
      </Load>
    </Page>
  );
}

function One({ eventType, isOpen }: { eventType: EventType; isOpen: boolean }) {
  const { eventTypes } = useWords();
  const [wasOpened, setOpened] = useState(isOpen);
  const { type, description, deprecated, schema, example } = eventType;
  return (
    <details
      class="event-type"
      open={isOpen}
      onToggle={(event) => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>
        <code class="event-type-name">{type}</code>
        {deprecated !== null && <Badge tone="warn">{eventTypes.deprecated}</Badge>}
        {description !== null && <span class="muted">{description}</span>}
      </summary>
      {(wasOpened || isOpen) && (
        <div class="event-type-body">
          {deprecated !== null && <Note tone="warn" title={deprecated} />}
          <Tabs
            label={type}
            tabs={[
              {
                id: 'example',
                label: eventTypes.example,
                content: () => <JsonView value={example} what={eventTypes.example} depth={4} />,
              },
              { id: 'fields', label: eventTypes.fields, content: () => <Fields schema={schema} /> },
              {
                id: 'schema',
                label: eventTypes.schema,
                content: () => <JsonView value={schema} what={eventTypes.schema} depth={3} />,
              },
            ]}
          />
        </div>
      )}
    </details>
  );
}

function Fields({ schema }: { schema: unknown }) {
  const { eventTypes } = useWords();
  const fields = fieldsOf(schema);
  if (fields.length === 0) return <p class="muted">{eventTypes.noFields}</p>;
  return (
    <dl class="schema-fields">
      {fields.map(({ path, type, isRequired, description }) => (
        <div key={path}>
          <dt>
            <code>{path}</code> <span class="faint small">{type}</span>{' '}
            {!isRequired && <span class="faint small">{eventTypes.optional}</span>}
          </dt>
          {description !== '' && <dd class="muted">{description}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** What receivers generate code from. */
function Documents() {
  const { eventTypes } = useWords();
  return (
    <>
      <Button
        onClick={() => void answerOf(api.GET('/event-types/openapi.json')).then((text) => saveAs('openapi.json', text))}
      >
        OpenAPI
      </Button>
      <Button
        title={eventTypes.asyncApi}
        onClick={() =>
          void answerOf(api.GET('/event-types/asyncapi.json')).then((text) => saveAs('asyncapi.json', text))
        }
      >
        AsyncAPI
      </Button>
    </>
  );
}
