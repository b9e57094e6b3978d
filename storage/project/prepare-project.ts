import type { Database, Transaction } from '../database.ts';
import { activitiesRole, projectSchema, shopSchema } from './project-schema.ts';

const schemaSql = `create schema if not exists ${projectSchema}`;
const roleSql = `
  select ${activitiesRole} as name, exists (select from pg_roles where rolname = ${activitiesRole}) as exists,
    exists (select from pg_roles where rolname = ${activitiesRole} and pg_has_role(current_user, oid, 'member')) as granted,
    (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as "mayCreate"`;

/**
 * Makes the project's schema, and the role whose rights activities have: rows of the project's tables and the
 * example shop's, nothing else. What later migrations create is covered as well. Resolves to the role's name; `granted` is false if the user of the database may not create the role and is no
 * member of it, so that activities have that user's rights.
 */
export async function prepareProject(transaction: Transaction): Promise<{ role: string; granted: boolean }> {
  await transaction.query(schemaSql);
  const [role] = await transaction.query<Role>(roleSql);
  if (role === undefined) throw new TypeError('A statement without a condition has returned no row');
  const name = `"${role.name.replaceAll('"', '""')}"`;
  if (!role.exists && role.mayCreate) {
    await transaction.query(`create role ${name} nologin`);
    await transaction.query(`grant ${name} to current_user`);
  } else if (!role.granted) return { role: role.name, granted: false };
  const inSchema = `in schema ${projectSchema}`;
  await transaction.query(`grant usage on schema ${projectSchema} to ${name}`);
  for (const grant of ['select, insert, update, delete on tables', 'usage, select, update on sequences']) {
    await transaction.query(`alter default privileges ${inSchema} grant ${grant} to ${name}`);
  }
  await transaction.query(`grant usage on schema ${shopSchema} to ${name}`);
  await transaction.query(`grant select, insert, update, delete on all tables in schema ${shopSchema} to ${name}`);
  return { role: role.name, granted: true };
}

const lacksRightsSql = `
  select exists (select from pg_roles where rolname = ${activitiesRole} and pg_has_role(current_user, oid, 'member')
    and not has_schema_privilege(oid, '${shopSchema}', 'usage')) as lacking`;

/** Whether activities would get the rights of a role that has none yet, because somebody else has made it. */
export async function lacksRights(database: Database): Promise<boolean> {
  const [row] = await database.run<{ lacking: boolean }>('lacks-rights', lacksRightsSql, []);
  return row?.lacking === true;
}

interface Role {
  name: string;
  exists: boolean;
  granted: boolean;
  mayCreate: boolean;
}
