import './notes.css';
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** What a list without rows says: why there is nothing, and what to do about it. */
export function Empty({
  icon = 'info',
  title,
  children,
}: {
  icon?: IconName;
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} size={28} />
      <strong>{title}</strong>
      {children}
    </div>
  );
}
