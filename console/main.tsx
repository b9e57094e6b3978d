import './styles/tokens.css';
import './styles/base.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { listenToKeys } from './app/keyboard.ts';
import { isPortal, takePortalToken } from './app/portal.ts';
import { loadSession } from './app/session.ts';
import { loadTheme } from './app/theme.ts';
import { loadWords } from './words/words.ts';

loadTheme();
listenToKeys();
takePortalToken();
await Promise.all([loadWords(), isPortal() ? undefined : loadSession()]);
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
