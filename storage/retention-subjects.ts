/** What is deleted or emptied some time, each with the tables that it is about. Everything else stays forever: a test has the list. */
export const retentionTables = {
  bodies: ['bodies'],
  'forwarded-bodies': ['messages'],
  'event-details': ['events', 'event_keys', 'turns'],
  notices: ['events'],
  messages: ['messages', 'deliveries', 'attempts'],
  mails: ['mails'],
  replays: ['replays'],
  'endpoint-notices': ['endpoint_notices'],
  redeliveries: ['redeliveries'],
  rejections: ['rejections'],
  'rejection-counts': ['rejection_counts'],
  starts: ['starts'],
  waits: ['waits'],
  handovers: ['handovers'],
  payloads: ['payloads'],
  'activity-results': ['activity_results'],
  'idempotency-keys': ['idempotency_keys'],
  sessions: ['sessions'],
  'published-sets': ['published_sets'],
  processes: ['processes'],
  'gateway-keys': ['gateway_keys'],
} as const satisfies Record<string, readonly string[]>;

export type RetentionSubject = keyof typeof retentionTables;

/** How long the result of an activity is kept before Kait asks whether Temporal has forgotten its run. */
export const keepResultsDays = 90;
/** How long a process that reports no more is known. */
export const keepProcessesHours = 1;
/** Each published set has at most 4 MiB, and most have less than 100 KiB. The one that is served stays, however old it is. */
export const mostPublishedSets = 100;
/** Of keys that requests name by URL and that have verified one. A gateway has a few, and only genuine requests add any. */
export const mostProvenKeys = 100;
