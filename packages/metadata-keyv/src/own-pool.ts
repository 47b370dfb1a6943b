/** A pool of connections as the package `pg` makes it: `new pg.Pool({ connectionString })`. */
export interface PostgresPool {
  on(event: 'error', listener: (error: Error) => void): unknown;
  query(sql: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  end(): Promise<void>;
}

/** Options of `KeyvPostgres` that concern its table. */
export interface OwnPoolOptions {
  readonly table?: string;
  readonly schema?: string;
  readonly useUnloggedTable?: boolean;
}

const OWN_POOL = Symbol('own pool');

/** True for a store of `@keyv/postgres` that `ownPool` has not made. */
export function sharesPool(store: object): boolean {
  return store.constructor.name === 'KeyvPostgres' && !(OWN_POOL in store);
}

type Adapter<Store> = new (options: OwnPoolOptions) => Store;

/**
 * A store of `@keyv/postgres` on a pool of its own: `ownPool(KeyvPostgres, new pg.Pool({ connectionString }))`. By itself the
 * adapter shares one pool with all others of its thread, which the first to end closes for all; and nobody listens to it, so
 * that a server that cuts an idle connection ends the process.
 */
export function ownPool<Store extends object>(
  KeyvPostgres: Adapter<Store>,
  pool: PostgresPool,
  options: OwnPoolOptions = {},
): Store {
  // The next query opens another connection, or fails and says why.
  pool.on('error', () => {});
  class Pooled extends (KeyvPostgres as Adapter<object>) {
    async connect() {
      return async (sql: string, values?: unknown[]) => (await pool.query(sql, values)).rows;
    }
    async disconnect() {
      await pool.end();
    }
  }
  // Messages name a store by its class.
  Object.defineProperty(Pooled, 'name', { value: KeyvPostgres.name });
  return Object.assign(new Pooled(options), { [OWN_POOL]: true }) as unknown as Store;
}
