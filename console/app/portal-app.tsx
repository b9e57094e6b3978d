import './portal.css';
import type { ComponentChildren } from 'preact';
import { Router, useRoute } from 'wouter-preact';
import { Failure } from '../parts/failure.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Loading } from '../parts/loading.tsx';
import { Toasts } from '../parts/toasts.tsx';
import { useWords } from '../words/words.ts';
import { accentTokens } from './accent.ts';
import { answerOf, api } from './api.ts';
import { Link } from './link.tsx';
import { lazyPages, PageSwitch } from './page-switch.tsx';
import { pages } from './pages.ts';
import { portalBase, portalToken } from './portal.ts';
import { Preferences } from './preferences.tsx';
import { ApiError } from './send.ts';
import { sessionState } from './session.ts';
import { useLoad } from './use-load.ts';

/** The pages that a tenant's link opens. The API decides what they show. */
const shown = [
  ...['/endpoints', '/endpoints/:endpoint', '/deliveries', '/deliveries/:delivery'],
  ...['/replays', '/replays/:replay', '/event-types'],
];
const routes = lazyPages(pages.filter(({ path }) => shown.includes(path)));
const First = routes[0]?.Component ?? Loading;

/** The console for a tenant: its own endpoints and deliveries, and the types of events. */
export function PortalApp() {
  const { portal } = useWords();
  const loaded = useLoad(portalToken() === '' ? null : 'portal', async (signal) => {
    const found = await answerOf(api.GET('/portal', { signal }));
    show(found);
    return found;
  });
  const isOut = sessionState.value.kind === 'out' || portalToken() === '';
  if (isOut || loaded.data === null) {
    return (
      <main class="alone">
        {isOut || (loaded.error instanceof ApiError && loaded.error.status === 401) ? (
          <>
            <h1>{portal.expired}</h1>
            <p>{portal.expiredWhat}</p>
          </>
        ) : loaded.error !== null ? (
          <Failure error={loaded.error} retry={loaded.reload} />
        ) : (
          <Loading />
        )}
      </main>
    );
  }
  return (
    <Router base={portalBase}>
      <Frame name={loaded.data.name}>
        <PageSwitch pages={routes}>
          <First />
        </PageSwitch>
      </Frame>
      <Toasts />
    </Router>
  );
}

/** Whoever has the link may do everything that its pages offer. */
function show({ tenant, accent }: { tenant: string | null; accent: string }): void {
  sessionState.value = { kind: 'in', session: { name: tenant ?? '', role: 'admin', csrf: '', expiresAt: '' } };
  for (const [name, value] of Object.entries(accentTokens(accent))) {
    document.documentElement.style.setProperty(name, value); // The policy allows this, unlike a style attribute.
  }
}

function Frame({ name, children }: { name: string; children: ComponentChildren }) {
  const { app, endpoints, eventTypes, replays } = useWords();
  return (
    <div class="portal">
      <a class="skip" href="#main">
        {app.skip}
      </a>
      <header class="portal-head">
        <strong class="portal-name">{name}</strong>
        <nav aria-label={app.navigation}>
          <Entry path="/endpoints" icon="endpoint" title={endpoints.title} />
          <Entry path="/deliveries" icon="event" title={endpoints.deliveries} />
          <Entry path="/replays" icon="retry" title={replays.title} />
          <Entry path="/event-types" icon="types" title={eventTypes.title} />
        </nav>
        <Preferences />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Entry({ path, icon, title }: { path: string; icon: IconName; title: string }) {
  const [isBelow] = useRoute(`${path}/*?`);
  return (
    <Link href={path} class="nav-link" aria-current={isBelow ? 'page' : undefined}>
      <Icon name={icon} />
      {title}
    </Link>
  );
}
