import type { Settings } from '../options.ts';

type RequestPayer = { readonly RequestPayer?: 'requester' };

/** What the requests to one bucket have in common. */
export class Target {
  readonly bucket: string;
  readonly prefix: string;

  constructor(private readonly settings: Settings) {
    this.bucket = settings.bucket;
    this.prefix = settings.prefix;
  }

  /** `path`: a key with the prefix of the store before it. */
  object(path: string): { readonly Bucket: string; readonly Key: string } & RequestPayer {
    return { Bucket: this.bucket, Key: path, ...this.payer() };
  }

  payer(): RequestPayer {
    return this.settings.requestPayer ? { RequestPayer: 'requester' } : {};
  }

  /** What every request says that makes an object. */
  written() {
    const { encryption, storageClass } = this.settings;
    return {
      ...(storageClass !== undefined && { StorageClass: storageClass as 'STANDARD' }),
      ...(encryption && {
        ServerSideEncryption: encryption.algorithm,
        ...(encryption.kmsKeyId !== undefined && { SSEKMSKeyId: encryption.kmsKeyId }),
        ...(encryption.bucketKey !== undefined && { BucketKeyEnabled: encryption.bucketKey }),
      }),
    };
  }

  /** For the header of a copy, encoded. */
  source(path: string): string {
    return `${this.bucket}/${path.split('/').map(encodeURIComponent).join('/')}`;
  }
}
