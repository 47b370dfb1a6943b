import { randomBytes } from 'node:crypto';
import type { Reply } from '../wire/index.ts';
import { ApiError, json } from './answers.ts';

export interface AccessOptions {
  /** Requests need a token of this server. Default: false, as an emulator. */
  readonly requireToken?: boolean;
  /** Requests must name a project that pays. Default: false. */
  readonly requesterPays?: boolean;
  /** Operations that are refused whoever asks, e.g. `insert`. */
  readonly denied?: readonly string[];
}

/** Gives out tokens, as the service for them does, and checks those of requests. */
export class Access {
  readonly #tokens = new Set<string>();
  /** True: the service for tokens refuses everybody. */
  refusesTokens = false;
  /** Tokens given out so far. */
  issued = 0;

  constructor(private readonly options: AccessOptions) {}

  issue(): Reply {
    if (this.refusesTokens) {
      return json({ error: 'invalid_grant', error_description: 'The subject token is not valid.' }, 400);
    }
    const token = `ya29.double-${randomBytes(12).toString('hex')}`;
    this.issued += 1;
    this.#tokens.add(token);
    const type = 'urn:ietf:params:oauth:token-type:access_token';
    return json(
      { access_token: token, issued_token_type: type, token_type: 'Bearer', expires_in: 3600 },
      200,
      // The metadata server of a virtual machine is recognised by it.
      { 'metadata-flavor': 'Google' },
    );
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  check(op: string, bucket: string, name: string, authorization: string | undefined, query: URLSearchParams): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (this.options.requireToken === true && !(token !== undefined && this.#tokens.has(token))) {
      const caller = token === undefined ? 'Anonymous caller does not have' : 'Invalid Credentials:';
      throw new ApiError(401, token === undefined ? 'required' : 'authError', `${caller} ${permissionOf(op)} access.`);
    }
    if (this.options.denied?.includes(op)) {
      const kind = op === 'bucket' ? 'bucket' : 'object';
      const what = `${permissionOf(op)} access to the Google Cloud Storage ${kind}`;
      const place = op === 'bucket' ? bucket : `${bucket}/${name}`;
      const message = `robot@project.iam.gserviceaccount.com does not have ${what} ${place}.`;
      throw new ApiError(403, 'forbidden', `${message} Permission '${permissionOf(op)}' denied on resource.`);
    }
    if (this.options.requesterPays === true && query.get('userProject') === null) {
      const message = 'Bucket is a requester pays bucket but no user project provided.';
      throw new ApiError(400, 'required', message);
    }
  }
}

function permissionOf(op: string): string {
  if (op === 'bucket') return 'storage.buckets.get';
  const verb = { insert: 'create', start: 'create', list: 'list', delete: 'delete' }[op] ?? 'get';
  return `storage.objects.${verb}`;
}
