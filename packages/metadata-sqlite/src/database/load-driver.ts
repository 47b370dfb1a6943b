import { VarveError } from '@varve/core/contract';
import type { Driver } from './driver.ts';
import { libsqlDriver } from './libsql-driver.ts';
import { nodeDriver } from './node-driver.ts';

/** The SQLite of Node, or else that of the package libsql. Throws `VARVE_NO_SQLITE` when there is neither. */
export async function loadDriver(): Promise<Driver> {
  const driver = nodeDriver() ?? (await libsqlDriver());
  if (driver) return driver;
  throw new VarveError(
    'VARVE_NO_SQLITE',
    `there is no SQLite: Node ${process.versions.node} has none, and the package libsql is not installed`,
    { hint: 'Use Node 22.13 or newer, or install it in the project: npm install libsql' },
  );
}
