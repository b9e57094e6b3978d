import { Icon } from '../parts/icon.tsx';
import { chooseLanguage, language, type Language, languages, useWords } from '../words/words.ts';
import { chooseTheme, theme, themes } from './theme.ts';

const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

/** The switches of theme and language. */
export function Preferences() {
  const { app } = useWords();
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
  return (
    <div class="preferences">
      <button
        type="button"
        class="quiet"
        onClick={() => chooseTheme(next)}
        aria-label={`${app.theme}: ${app.themes[theme.value]}`}
        title={`${app.theme}: ${app.themes[theme.value]}`}
      >
        <Icon name={themeIcons[theme.value]} />
      </button>
      <label class="language">
        <Icon name="globe" />
        <span class="visually-hidden">{app.language}</span>
        <select
          value={language()}
          onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)} // It has no others.
        >
          {Object.entries(languages).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
