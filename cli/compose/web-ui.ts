/** Temporal's Web UI. */
export interface WebUi {
  url: string;
  /** The address of a page, for people. That of the embedded server lets one browser in; `path` begins with a slash. */
  link(path: string): string;
}

/** A Web UI that decides itself who may see it. */
export function webUiAt(url: string): WebUi {
  const base = url.replace(/\/+$/, '');
  return { url, link: (path) => base + path };
}

/** The path of a run's page in the Web UI. */
export function runPath(namespace: string, workflowId: string): string {
  return `/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/**
 * The path of the Web UI's list of activities that belong to no workflow, with those of one id: one each time that it was started. The page of
 * a single one needs the id of that start, which only Temporal knows.
 */
export function activityPath(namespace: string, activityId: string): string {
  const query = encodeURIComponent(`\`ActivityId\`="${activityId}"`);
  return `/namespaces/${encodeURIComponent(namespace)}/activities?query=${query}`;
}
