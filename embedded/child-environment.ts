/** What a child is started for. It decides which variables the child gets. */
export type ChildPurpose =
  /** Programs that need nothing from outside: the Temporal server, and a CLI that is asked for its version. */
  | 'run'
  /** The SDK's downloader. */
  | 'download'
  /** pip, whose index may be a private one. */
  | 'pip'
  /** A program that the user works with in this terminal. */
  | 'terminal';

/** `LC_*` is matched separately. The second half is what programs on Windows cannot start without. */
const runNames = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'XDG_CACHE_HOME'],
  ...['LD_LIBRARY_PATH', 'GOMAXPROCS', 'GOMEMLIMIT', 'GOGC'],
  ...['SYSTEMROOT', 'WINDIR', 'SYSTEMDRIVE', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
];
const downloadNames = [
  ...runNames,
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
];
const pipNames = [
  ...downloadNames,
  ...['XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS', 'VIRTUAL_ENV', 'PYENV_ROOT', 'PYENV_VERSION', 'NETRC'],
];

const terminalNames = [
  ...downloadNames,
  ...[
    'TERM',
    'COLORTERM',
    'NO_COLOR',
    'FORCE_COLOR',
    'COLUMNS',
    'LINES',
    'SHELL',
    'PWD',
    'EDITOR',
    'VISUAL',
    'PAGER',
    'LESS',
  ],
  ...[
    'XDG_CONFIG_HOME',
    'XDG_CONFIG_DIRS',
    'XDG_DATA_HOME',
    'XDG_STATE_HOME',
    'XDG_RUNTIME_DIR',
    'DISPLAY',
    'LOCALAPPDATA',
  ],
];

const allowedNames: Record<ChildPurpose, { names: ReadonlySet<string>; prefixes: RegExp }> = {
  run: { names: new Set(runNames), prefixes: /^LC_/ },
  download: { names: new Set(downloadNames), prefixes: /^LC_/ },
  terminal: { names: new Set(terminalNames), prefixes: /^LC_/ },
  pip: { names: new Set(pipNames), prefixes: /^(?:LC_|PIP_|PYTHON)/ },
};

/**
 * Returns the variables that a child process may see. It is a list of what children need, because Kait's own environment holds
 * gateway secrets, API keys and database passwords, and no list of secrets would be complete. Names are compared without regard to
 * case: proxies are usually set in lower case, and Windows does not distinguish.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv, purpose: ChildPurpose): NodeJS.ProcessEnv {
  const { names, prefixes } = allowedNames[purpose];
  const isAllowed = (name: string): boolean => names.has(name) || prefixes.test(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isAllowed(name.toUpperCase())));
}
