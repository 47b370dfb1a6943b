import { Session } from '@varve/core/internal';
import type { BlobLink } from './blob-client.ts';
import { serveBlobs } from './blob-server.ts';
import type { RemoteSession } from './io-client.ts';

/** A session in this thread that serves its blobs to worker threads: for stacks whose parts are objects. */
export class LocalSession extends Session implements RemoteSession {
  async attach(link: BlobLink): Promise<void> {
    serveBlobs(link, this);
  }
}
