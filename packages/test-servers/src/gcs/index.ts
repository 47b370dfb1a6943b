/** A double of Google Cloud Storage on this machine, with faults to order. */

export { GcsServer, type GcsServerOptions, type LoggedRequest } from './server.ts';
export { startGcsProcess } from './start-process.ts';
