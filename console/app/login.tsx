import './login.css';
import { useState } from 'preact/hooks';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { problemText } from '../parts/failure.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../words/words.ts';
import { Preferences } from './preferences.tsx';
import { ApiError } from './send.ts';
import { logIn } from './session.ts';

/** The page to log in: by a token, or with an account of the organization if Kait knows where. */
export function Login({ because, oidc }: { because: 'never' | 'expired' | 'logout'; oidc: boolean }) {
  const words = useWords();
  const { login } = words;
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await logIn(token.trim());
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 401 ? login.wrong : problemText(error, words));
      setBusy(false);
    }
  }

  return (
    <main class="login">
      <div class="login-box">
        <div class="login-head">
          <Icon name="kait" size={36} />
          <h1>{words.app.kait}</h1>
        </div>
        {because === 'expired' && (
          <p class="login-note" role="status">
            {login.expired}
          </p>
        )}
        <form class="stack" onSubmit={(event) => void submit(event)}>
          <Field label={login.token} hint={login.tokenHint} error={problem}>
            {(field) => (
              <input
                {...field}
                type="password"
                autoComplete="current-password"
                autoFocus
                required
                value={token}
                onInput={(event) => setToken(event.currentTarget.value)}
              />
            )}
          </Field>
          <Button kind="primary" type="submit" isBusy={isBusy}>
            {isBusy ? login.submitting : login.submit}
          </Button>
        </form>
        {oidc && (
          <>
            <p class="login-or">{login.or}</p>
            <a class="button" href="/session/oidc">
              {login.withOidc}
            </a>
          </>
        )}
        <p class="small muted">{login.link}</p>
      </div>
      <Preferences />
    </main>
  );
}
