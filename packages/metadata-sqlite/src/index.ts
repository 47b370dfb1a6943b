/** The history of runs in one SQLite file, and an index of the runs in any datastore. */
export { type SqliteIndexOptions, type SqliteMetadataOptions, sqliteIndex, sqliteMetadata } from './plugin.ts';
