import './button.css';
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface ButtonProps {
  children: ComponentChildren;
  /** `primary`: the one thing to do here. `danger`: what cannot be taken back. `quiet`: beside other things. */
  kind?: 'primary' | 'danger' | 'quiet' | 'plain';
  icon?: IconName;
  type?: 'button' | 'submit';
  isBusy?: boolean;
  disabled?: boolean;
  title?: string | undefined;
  onClick?: () => void;
}

/** A button. While it is busy, it takes no clicks. */
export function Button({ children, kind = 'plain', icon, type = 'button', isBusy = false, ...rest }: ButtonProps) {
  const { disabled = false, title, onClick } = rest;
  return (
    <button
      type={type}
      class={`button ${kind}`}
      aria-busy={isBusy}
      disabled={disabled || isBusy}
      title={title}
      onClick={onClick}
    >
      {icon !== undefined && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}
