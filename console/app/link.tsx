import type { AnchorHTMLAttributes, ComponentChildren } from 'preact';
import { Link as RouterLink } from 'wouter-preact';

type Props = Omit<AnchorHTMLAttributes, 'href' | 'ref'> & {
  href: string;
  class?: string | undefined;
  children: ComponentChildren;
};

/** A link to a page of the console. */
export function Link({ href, children, ...rest }: Props) {
  return (
    <RouterLink href={href} asChild>
      <a {...rest}>{children}</a>
    </RouterLink>
  );
}
