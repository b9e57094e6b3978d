import './filter-bar.css';
import { useId, useState } from 'preact/hooks';
import { useSearchParams } from 'wouter-preact';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** A filter of a list. Its value stands in the address of the page, under its name. */
export type Filter = { name: string; label: string } & (
  | {
      kind: 'choice';
      options: readonly { value: string; label: string }[];
      /** What is shown if nothing is chosen. By default, that any will do. */
      unset?: string;
    }
  | { kind: 'text'; placeholder?: string }
);

/** The values of the filters as the address has them, to ask the API with. Empty ones are undefined. */
export function useFilters<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> {
  const [search] = useSearchParams();
  const given = names.map((name) => [name, search.get(name)] as const).filter(([, value]) => (value ?? '') !== '');
  return Object.fromEntries(given) as Partial<Record<Name, string>>;
}

/** The filters of a list. A choice counts at once, a text when it is submitted or left. */
export function FilterBar({ filters }: { filters: readonly Filter[] }) {
  const { parts } = useWords();
  const [search, setSearch] = useSearchParams();
  const isFiltered = filters.some(({ name }) => (search.get(name) ?? '') !== '');

  function set(name: string, value: string): void {
    if ((search.get(name) ?? '') === value) return;
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  }

  function clear(): void {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const { name } of filters) next.delete(name);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <div class="filters" role="group" aria-label={parts.filters}>
      {filters.map((filter) => (
        <FilterField
          key={filter.name}
          filter={filter}
          value={search.get(filter.name) ?? ''}
          set={(value) => set(filter.name, value)}
        />
      ))}
      {isFiltered && (
        <Button kind="quiet" icon="close" onClick={clear}>
          {parts.clearFilters}
        </Button>
      )}
    </div>
  );
}

function FilterField({ filter, value, set }: { filter: Filter; value: string; set: (value: string) => void }) {
  const { parts } = useWords();
  const id = useId();
  const isSet = value !== '';
  if (filter.kind === 'choice') {
    return (
      <div class={isSet ? 'filter set' : 'filter'}>
        <label for={id}>{filter.label}</label>
        <select id={id} value={value} onChange={(event) => set(event.currentTarget.value)}>
          <option value="">{filter.unset ?? parts.any}</option>
          {filter.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" size={14} />
      </div>
    );
  }
  return (
    <TextFilter key={value} id={id} label={filter.label} placeholder={filter.placeholder ?? ''} {...{ value, set }} />
  );
}

interface TextFilterProps {
  id: string;
  label: string;
  placeholder: string;
  value: string;
  set: (value: string) => void;
}

function TextFilter({ id, label, placeholder, value, set }: TextFilterProps) {
  const [typed, setTyped] = useState(value);
  return (
    <form
      class={value === '' ? 'filter' : 'filter set'}
      onSubmit={(event) => {
        event.preventDefault();
        set(typed.trim());
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => set(typed.trim())}
      />
    </form>
  );
}
