/** The schema of the project's own tables. Kait's are in another, so that no name of the project can mean one of Kait's. */
export const projectSchema = 'project';

/** The schema of the example shop that comes with Kait. Activities name it: `shop.orders`. */
export const shopSchema = 'shop';

/** The path on which statements of the project find their tables. */
export const projectSearchPath = `${projectSchema}, pg_temp`;

/**
 * An SQL expression for the name of the role whose rights activities have: it may read and change the rows of the project's tables and the
 * example shop's, and do nothing else. Roles belong to the whole server, so each database has one of its own: `kait_activities` for the database `kait`.
 */
export const activitiesRole = `left(current_database(), 52) || '_activities'`;
