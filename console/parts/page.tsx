import './page.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link } from '../app/link.tsx';
import { useWords } from '../words/words.ts';
import { Icon } from './icon.tsx';

/** A page: its heading, what can be done on it, and its content. Gets the focus when somebody comes here. */
export function Page({
  title,
  up,
  about,
  actions,
  children,
}: {
  title: string;
  /** The list that this page belongs to. */
  up?: { href: string; title: string };
  /** A line below the heading. */
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const { app } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${app.kait}`;
  }, [title, app]);
  useEffect(() => {
    // Not when the console has just been opened: the skip link comes first then.
    if (document.activeElement !== document.body || wasShown) heading.current?.focus({ preventScroll: true });
    wasShown = true;
    window.scrollTo(0, 0);
  }, []);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {up !== undefined && (
            <Link class="page-up" href={up.href}>
              {up.title}
              <Icon name="right" size={14} />
            </Link>
          )}
          <h1 ref={heading} tabIndex={-1} class="break">
            {title}
          </h1>
          {about !== undefined && <div class="page-about">{about}</div>}
        </div>
        {actions !== undefined && <div class="page-actions row">{actions}</div>}
      </header>
      <div class="stack">{children}</div>
    </div>
  );
}

let wasShown = false;
