import { Router } from 'wouter-preact';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { Page } from '../parts/page.tsx';
import { Toasts } from '../parts/toasts.tsx';
import { useWords } from '../words/words.ts';
import { Login } from './login.tsx';
import { lazyPages, PageSwitch } from './page-switch.tsx';
import { pages } from './pages.ts';
import { isPortal } from './portal.ts';
import { PortalApp } from './portal-app.tsx';
import { ApiError } from './send.ts';
import { loadSession, sessionState } from './session.ts';
import { Shell } from './shell.tsx';

const routes = lazyPages(pages);

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
        <PageSwitch pages={routes}>
          <NotFound />
        </PageSwitch>
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
