import type { ComponentType } from 'preact';
import type { IconName } from '../parts/icon.tsx';
import type { Words } from '../words/words.ts';

/** A page, loaded when somebody goes there. */
export interface PageRoute {
  /** As wouter has them: `/events/:source/:event`. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** An entry of the navigation. */
export interface NavEntry {
  path: string;
  icon: IconName;
  title: (words: Words) => string;
}

/** All pages but the one to log in. The first path that matches counts. */
export const pages: readonly PageRoute[] = [
  { path: '/', load: () => import('../pages/home/home.tsx') },
  { path: '/find', load: () => import('../pages/find/find.tsx') },
  { path: '/approvals', load: () => import('../pages/approvals/list.tsx') },
  { path: '/events', load: () => import('../pages/events/list.tsx') },
  { path: '/events/:source/:event', load: () => import('../pages/events/one.tsx') },
  { path: '/definitions', load: () => import('../pages/definitions/list.tsx') },
  { path: '/definitions/:definition', load: () => import('../pages/definitions/one.tsx') },
  { path: '/playground', load: () => import('../pages/playground/page.tsx') },
  { path: '/runs', load: () => import('../pages/runs/list.tsx') },
  { path: '/runs/:run', load: () => import('../pages/runs/one.tsx') },
  { path: '/sources', load: () => import('../pages/sources/list.tsx') },
  { path: '/sources/:source', load: () => import('../pages/sources/one.tsx') },
  { path: '/rejections', load: () => import('../pages/rejections/list.tsx') },
  { path: '/endpoints', load: () => import('../pages/endpoints/list.tsx') },
  { path: '/endpoints/:endpoint', load: () => import('../pages/endpoints/one.tsx') },
  { path: '/deliveries', load: () => import('../pages/deliveries/list.tsx') },
  { path: '/deliveries/:delivery', load: () => import('../pages/deliveries/one.tsx') },
  { path: '/replays', load: () => import('../pages/replays/list.tsx') },
  { path: '/replays/:replay', load: () => import('../pages/replays/one.tsx') },
  { path: '/event-types', load: () => import('../pages/event-types/list.tsx') },
  { path: '/system', load: () => import('../pages/system/page.tsx') },
  { path: '/audit', load: () => import('../pages/audit/list.tsx') },
];

/** What the navigation shows, in groups. An entry whose path no page has is left out. */
export const navigation: readonly { title: ((words: Words) => string) | null; entries: readonly NavEntry[] }[] = [
  { title: null, entries: [{ path: '/', icon: 'home', title: (words) => words.home.title }] },
  {
    title: (words) => words.app.groups.traffic,
    entries: [
      { path: '/events', icon: 'event', title: (words) => words.events.title },
      { path: '/runs', icon: 'run', title: (words) => words.runs.title },
      { path: '/approvals', icon: 'approval', title: (words) => words.approvals.title },
    ],
  },
  {
    title: (words) => words.app.groups.build,
    entries: [
      { path: '/definitions', icon: 'definition', title: (words) => words.definitions.title },
      { path: '/playground', icon: 'playground', title: (words) => words.playground.title },
      { path: '/sources', icon: 'source', title: (words) => words.sources.title },
    ],
  },
  {
    title: (words) => words.app.groups.outbound,
    entries: [
      { path: '/endpoints', icon: 'endpoint', title: (words) => words.endpoints.title },
      { path: '/deliveries', icon: 'event', title: (words) => words.endpoints.deliveries },
      { path: '/replays', icon: 'retry', title: (words) => words.replays.title },
      { path: '/event-types', icon: 'types', title: (words) => words.eventTypes.title },
    ],
  },
  {
    title: (words) => words.app.groups.operate,
    entries: [
      { path: '/system', icon: 'system', title: (words) => words.system.title },
      { path: '/audit', icon: 'audit', title: (words) => words.audit.title },
    ],
  },
];
