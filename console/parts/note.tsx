import './notes.css';
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

const icons = { info: 'info', ok: 'check', warn: 'alert', bad: 'alert' } as const;

/** Something that the viewer should know before the rest. */
export function Note({
  tone = 'info',
  title,
  children,
}: {
  tone?: keyof typeof icons;
  title?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`note ${tone}`}>
      <Icon name={icons[tone]} />
      <div class="note-text">
        {title !== undefined && <strong class="break">{title}</strong>}
        {children}
      </div>
    </div>
  );
}
