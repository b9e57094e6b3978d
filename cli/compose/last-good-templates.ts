import type { readMailTemplates } from '../../activities/mail/mail-templates.ts';

type ReadTemplates = Awaited<ReturnType<typeof readMailTemplates>>;

/** A template that has got a mistake stays as it was, and so does one that is gone: runs that began before may still need it. */
export function keepLastGoodTemplates(before: ReadTemplates, latest: ReadTemplates): ReadTemplates {
  const isKept = (name: string) => !latest.templates.has(name) && before.templates.has(name);
  return {
    templates: new Map([...latest.templates, ...[...before.templates].filter(([name]) => isKept(name))]),
    faulty: new Map([...latest.faulty].filter(([name]) => !isKept(name))),
  };
}
