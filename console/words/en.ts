/*
 * Every text of the console in English, by page. `id.ts` has the same in Indonesian. A text with values in it is a function. Each page has a section of
 * its own, in the order of the alphabet.
 */

export const en = {
  /** Of the language. */
  locale: 'en',

  app: {
    closeMenu: 'Close the menu',
    kait: 'Kait',
    language: 'Language',
    menu: 'Menu',
    navigation: 'Pages',
    notFound: 'There is no such page',
    notFoundWhat: 'The address may be misspelled, or the page has moved.',
    search: 'Search',
    searchHint: 'Order, payment, e-mail, event or run',
    skip: 'Skip to the content',
    theme: 'Theme',
    themes: { auto: 'Like the system', light: 'Light', dark: 'Dark' },
    toHome: 'Go to the first page',
    live: 'Live',
    notLive: 'Not live. What you see may be old. Reconnecting…',
    groups: { traffic: 'Traffic', build: 'Build', outbound: 'Outbound', operate: 'Operate' },
  },

  keyboard: {
    title: 'Keyboard',
    search: 'Search',
    next: 'Next row',
    previous: 'Previous row',
    open: 'Open the row',
    help: 'Show this help',
    close: 'Close',
    single: 'Use single keys as shortcuts',
  },

  parts: {
    cancel: 'Cancel',
    close: 'Close',
    collapse: 'Collapse',
    copied: 'Copied',
    copy: 'Copy',
    copyWhat: (what: string) => `Copy ${what}`,
    details: 'Details',
    done: 'Done',
    expand: 'Expand',
    failed: 'This could not be loaded',
    filters: 'Filters',
    clearFilters: 'Clear the filters',
    any: 'Any',
    loading: 'Loading…',
    more: 'Show more',
    moreItems: (count: number) => `${count} more`,
    needsRole: (role: string) => `This needs the role ${role}.`,
    none: 'None',
    nothing: 'Nothing here yet',
    reason: 'Reason',
    reasonHint: 'It is kept in the audit beside your name.',
    reload: 'Reload',
    retry: 'Try again',
    stale: 'This may be old: the last request failed.',
    unknown: 'Unknown',
    utc: (text: string) => `${text} UTC`,
    optional: 'optional',
    textCut: (bytes: string) => `The beginning of ${bytes}.`,
    roles: { viewer: 'viewer', operator: 'operator', admin: 'admin' },
  },

  problems: {
    unreachable: 'Kait does not answer. Is it still running?',
    unexpected: 'Something went wrong.',
    code: (code: string, status: number) => `${code} · ${status}`,
  },

  approvals: { title: 'Approvals' },

  audit: { title: 'Audit' },

  definitions: { title: 'Definitions' },

  endpoints: { title: 'Endpoints' },

  eventTypes: { title: 'Event types' },

  events: { title: 'Events' },

  find: { title: 'Search' },

  graph: {
    fit: 'Show everything',
    larger: 'Larger',
    smaller: 'Smaller',
    undoes: (step: string) => `Undoes ${step}:`,
    zoom: 'Size of the picture',
  },

  home: { title: 'Home' },

  login: {
    title: 'Log in',
    token: 'Token',
    tokenHint: 'The admin token, or an API key.',
    submit: 'Log in',
    submitting: 'Logging in…',
    wrong: 'This token is not known here.',
    link: 'On the machine that runs Kait, use the link that “kait up” prints. It logs you in once.',
    withOidc: 'Log in with your organization',
    or: 'or',
    logout: 'Log out',
    expired: 'Your session has ended. Log in again.',
    as: (name: string, role: string) => `${name}, ${role}`,
  },

  playground: { title: 'Playground' },

  runs: { title: 'Runs' },

  sources: { title: 'Sources' },

  system: { title: 'System' },
};

/** What both dictionaries have. */
export type Words = typeof en;
