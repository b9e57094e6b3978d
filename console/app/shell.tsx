import './shell.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation, useRoute } from 'wouter-preact';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../words/words.ts';
import { KeyboardHelp } from './keyboard-help.tsx';
import { showsHelp } from './keyboard.ts';
import { liveState } from './live.ts';
import { Link } from './link.tsx';
import { type NavEntry, navigation, pages } from './pages.ts';
import { Preferences } from './preferences.tsx';
import { logOut, sessionState } from './session.ts';

/** What surrounds every page: navigation, search, and who is logged in. On narrow screens, the navigation opens by a button. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { app } = useWords();
  const [path] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <div class={isOpen ? 'shell menu-open' : 'shell'}>
      <a class="skip" href="#main">
        {app.skip}
      </a>
      <header class="top">
        <button
          type="button"
          class="quiet menu-button"
          aria-expanded={isOpen}
          aria-controls="menu"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'close' : 'menu'} />
          <span class="visually-hidden">{isOpen ? app.closeMenu : app.menu}</span>
        </button>
        <Link href="/" class="brand">
          <Icon name="kait" size={24} />
          <span>{app.kait}</span>
        </Link>
        <Search />
        <Live />
        <button
          type="button"
          class="quiet help-button"
          aria-label={useWords().keyboard.title}
          title={useWords().keyboard.title}
          onClick={() => (showsHelp.value = true)}
        >
          <Icon name="keyboard" />
        </button>
      </header>
      <div class="side" id="menu">
        <Navigation />
        <footer class="side-foot">
          <Preferences />
          <Who />
        </footer>
      </div>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <KeyboardHelp />
    </div>
  );
}

function Search() {
  const { app } = useWords();
  const [, go] = useLocation();
  return (
    <form
      class="search"
      role="search"
      action="/find"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = new FormData(event.currentTarget).get('q');
        if (typeof wanted === 'string' && wanted.trim() !== '') go(`/find?q=${encodeURIComponent(wanted.trim())}`);
      }}
    >
      <Icon name="search" />
      <input
        id="search"
        name="q"
        type="search"
        aria-label={app.search}
        placeholder={app.searchHint}
        autoComplete="off"
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}

/** Says so if changes no longer arrive. */
function Live() {
  const { app } = useWords();
  const state = liveState.value;
  if (state === 'off' || state === 'connecting') return null;
  return (
    <span class={`live ${state}`} role="status" title={state === 'live' ? app.live : app.notLiveWhat}>
      <span class="live-dot" aria-hidden="true" />
      <span class="live-text">{state === 'live' ? app.live : app.notLive}</span>
    </span>
  );
}

function Navigation() {
  const words = useWords();
  const known = new Set(pages.map(({ path }) => path));
  const groups = navigation
    .map((group) => ({ ...group, entries: group.entries.filter(({ path }) => known.has(path)) }))
    .filter(({ entries }) => entries.length > 0);
  return (
    <nav aria-label={words.app.navigation}>
      {groups.map(({ title, entries }, index) => (
        <div class="nav-group" key={index}>
          {title !== null && <p class="nav-title">{title(words)}</p>}
          <ul>
            {entries.map((entry) => (
              <NavLink key={entry.path} entry={entry} />
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function NavLink({ entry: { path, icon, title } }: { entry: NavEntry }) {
  const words = useWords();
  const [isHere] = useRoute(path);
  const [isBelow] = useRoute(path === '/' ? '/' : `${path}/*?`);
  return (
    <li>
      <Link href={path} class="nav-link" aria-current={isHere ? 'page' : isBelow ? 'true' : undefined}>
        <Icon name={icon} />
        {title(words)}
      </Link>
    </li>
  );
}

function Who() {
  const { login, parts } = useWords();
  const state = sessionState.value;
  if (state.kind !== 'in') return null;
  const { name, role } = state.session;
  return (
    <div class="who">
      <span class="who-name">
        <span class="cut" title={name}>
          {name}
        </span>
        <span class="faint small">{parts.roles[role]}</span>
      </span>
      <button type="button" class="quiet" onClick={() => void logOut()} aria-label={login.logout} title={login.logout}>
        <Icon name="logout" />
      </button>
    </div>
  );
}
