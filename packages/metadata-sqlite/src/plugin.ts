import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { definePlugin, type Plugin, type PluginContext } from '@varve/core/contract';
import { Connection } from './database/connection.ts';
import { loadDriver } from './database/load-driver.ts';
import { INDEX, JOURNALS, LOCK } from './database/schema.ts';
import { SqliteMetadata } from './provider.ts';
import { SqliteIndex } from './run-index.ts';

export interface SqliteMetadataOptions {
  /** The file, relative to the project's root. Default: `.varve/runs.db`. On a local disk. */
  readonly file?: string;
}

export interface SqliteIndexOptions {
  /** The folder with one file for each datastore, relative to the project's root. Default: `.varve/index`. On a local disk. */
  readonly folder?: string;
}

/** Creates the plugin that keeps the history of runs in one file: `metadata: sqliteMetadata()` in `varve.config.ts`. */
export function sqliteMetadata({ file }: SqliteMetadataOptions = {}): Plugin<'metadata'> {
  return definePlugin({
    name: 'metadata-sqlite',
    provides: {
      metadata: async (context) => {
        const driver = await loadDriver();
        const path = file === undefined ? join(context.stateDir, 'runs.db') : resolve(context.projectRoot, file);
        const purpose = { name: named(path, context), mend: 'Put the file back from a backup.' };
        return new SqliteMetadata(new Connection(driver, path, JOURNALS, purpose));
      },
    },
  });
}

/**
 * Creates the plugin that keeps an index of the runs in the datastore, for lists of very many: `index: sqliteIndex()` in
 * `varve.config.ts`. `varve index` brings it up to date.
 */
export function sqliteIndex({ folder }: SqliteIndexOptions = {}): Plugin<'index'> {
  return definePlugin({
    name: 'metadata-sqlite',
    provides: {
      index: async (context) => {
        const { name } = await context.get('datastore');
        const driver = await loadDriver();
        const path = folder === undefined ? join(context.stateDir, 'index') : resolve(context.projectRoot, folder);
        const file = join(path, `${createHash('sha256').update(name).digest('hex').slice(0, 16)}.db`);
        const purpose = {
          name: named(file, context),
          mend: 'Make it anew with varve index --rebuild, or delete the file: it is a copy, no run is lost.',
        };
        const lock = { name: `${purpose.name}.lock`, mend: 'Delete the file.' };
        return new SqliteIndex(
          () => new Connection(driver, file, INDEX, purpose),
          () => new Connection(driver, `${file}.lock`, LOCK, lock),
        );
      },
    },
  });
}

function named(file: string, { projectRoot }: PluginContext): string {
  const path = relative(projectRoot, file);
  return `SQLite in ${path.startsWith('..') ? file : path}`;
}
