import './card.css';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A part of a page with a heading of its own. */
export function Card({
  title,
  actions,
  isFlush = false,
  children,
}: {
  title?: string;
  actions?: ComponentChildren;
  /** Whether the content reaches to the edges, as tables do. */
  isFlush?: boolean;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={isFlush ? 'card flush' : 'card'} aria-labelledby={title === undefined ? undefined : id}>
      {title !== undefined && (
        <header class="card-head">
          <h2 id={id}>{title}</h2>
          {actions !== undefined && <div class="row">{actions}</div>}
        </header>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}
