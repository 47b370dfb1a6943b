import type { Storage } from '@google-cloud/storage';
import type { GcsStoreOptions } from '../options.ts';
import { within } from './deadline.ts';

type Headers = Readonly<Record<string, string>>;

/** Where requests go, and what they carry to be let in. */
export interface Connection {
  /** Without a slash at the end. */
  endpoint(): Promise<string>;
  /** Rejects with what the SDK says, or `Timeout`. */
  headers(signal?: AbortSignal): Promise<Headers>;
  /** Forgets the token in these headers, which the service refuses. False when there is none: another try is of no use. */
  renew(refused: Headers): boolean;
}

type Settings = Pick<GcsStoreOptions, 'projectId' | 'keyFilename' | 'credentials' | 'apiEndpoint'>;

/** Finds credentials and the address through the SDK, which is loaded by the first request. */
export class SdkConnection implements Connection {
  readonly #settings: Settings;
  readonly #waitMs: number;
  #storage: Promise<Storage> | undefined;
  #asking: Promise<Headers> | undefined;
  #token: string | undefined;

  constructor(settings: Settings, waitMs: number) {
    this.#settings = settings;
    this.#waitMs = waitMs;
  }

  async endpoint(): Promise<string> {
    return (await this.#open()).apiEndpoint.replace(/\/+$/, '');
  }

  async headers(signal?: AbortSignal): Promise<Headers> {
    const storage = await this.#open();
    if (!this.#isAuthenticated(storage)) return {};
    // Many requests begin at once, and the SDK would ask for a token for each.
    this.#asking ??= this.#ask(storage).finally(() => {
      this.#asking = undefined;
    });
    // It waits for ever for a service of tokens that does not answer.
    return within(this.#asking, this.#waitMs, 'no token', signal, (error) => {
      if (error !== signal?.reason) this.#asking = undefined;
    });
  }

  renew(refused: Headers): boolean {
    const token = tokenIn(refused);
    // Of many requests that were refused with one token only the first makes another.
    if (token !== undefined && token === this.#token) {
      // Another instance of the SDK asks for another token; this one would keep the old until it expires.
      this.#storage = undefined;
      this.#token = undefined;
    }
    return token !== undefined;
  }

  async #ask(storage: Storage): Promise<Headers> {
    const headers = await storage.authClient.getRequestHeaders();
    this.#token = tokenIn(headers);
    // The SDK makes none, without an error, of a file that is cut short.
    if (this.#token !== undefined) return headers;
    throw new Error('the credentials give none: check that their file is whole');
  }

  #open(): Promise<Storage> {
    this.#storage ??= import('@google-cloud/storage').then(({ Storage }) => new Storage(this.#sdkOptions()));
    return this.#storage;
  }

  #sdkOptions(): ConstructorParameters<typeof Storage>[0] {
    const { projectId, keyFilename, credentials, apiEndpoint } = this.#settings;
    return {
      ...(projectId !== undefined && { projectId }),
      ...(keyFilename !== undefined && { keyFilename }),
      ...(credentials !== undefined && { credentials }),
      ...(apiEndpoint !== undefined && { apiEndpoint }),
      // Repeating is the work of varve's own layer, which all stores share.
      retryOptions: { autoRetry: false },
    };
  }

  /** Credentials that were found, rather than given, are shown to Google alone. */
  #isAuthenticated(storage: Storage): boolean {
    const { credentials, keyFilename } = this.#settings;
    if (credentials !== undefined || keyFilename !== undefined) return true;
    const { hostname, protocol } = new URL(storage.apiEndpoint);
    return protocol === 'https:' && (hostname === 'googleapis.com' || hostname.endsWith('.googleapis.com'));
  }
}

function tokenIn(headers: Headers): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}
