import type { ComponentChildren, ComponentType } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { Route, Switch } from 'wouter-preact';
import { Loading } from '../parts/loading.tsx';
import type { PageRoute } from './pages.ts';

/** A page that is loaded when it is first shown. */
export interface LazyPage {
  path: string;
  Component: ComponentType;
}

export function lazyPages(pages: readonly PageRoute[]): LazyPage[] {
  return pages.map(({ path, load }) => ({ path, Component: lazy(load) }));
}

/** The page of the present address, or `children` if it is none of them. */
export function PageSwitch({ pages, children }: { pages: readonly LazyPage[]; children: ComponentChildren }) {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        {pages.map(({ path, Component }) => (
          <Route key={path} path={path}>
            <Component />
          </Route>
        ))}
        <Route>{children}</Route>
      </Switch>
    </Suspense>
  );
}
