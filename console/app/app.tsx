import type { ComponentType } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { Route, Router, Switch } from 'wouter-preact';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { Page } from '../parts/page.tsx';
import { Toasts } from '../parts/toasts.tsx';
import { useWords } from '../words/words.ts';
import { Login } from './login.tsx';
import { pages } from './pages.ts';
import { isPortal } from './portal.ts';
import { PortalApp } from './portal-app.tsx';
import { ApiError } from './send.ts';
import { loadSession, sessionState } from './session.ts';
import { Shell } from './shell.tsx';

const routes: { path: string; Component: ComponentType }[] = pages.map(({ path, load }) => ({
  path,
  Component: lazy(load),
}));

/** The console: the page to log in, or the shell with the page of the present address. */
export function App() {
  return isPortal() ? <PortalApp /> : <ConsoleApp />;
}

function ConsoleApp() {
  const state = sessionState.value;
  if (state.kind === 'loading') return <Loading />;
  if (state.kind === 'unreachable') {
    return (
      <main class="alone">
        <Failure error={new ApiError('', { status: 0, code: 'unreachable' })} retry={loadSession} />
      </main>
    );
  }
  if (state.kind === 'out') return <Login because={state.because} oidc={state.oidc} />;
  return (
    <Router>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            {routes.map(({ path, Component }) => (
              <Route key={path} path={path}>
                <Component />
              </Route>
            ))}
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
      <Toasts />
    </Router>
  );
}

function NotFound() {
  const { app } = useWords();
  return (
    <Page title={app.notFound}>
      <p>{app.notFoundWhat}</p>
      <p>
        <a href="/">{app.toHome}</a>
      </p>
    </Page>
  );
}
