import { S3Failure } from '../requests/failure.ts';
import { RequestFailed, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';

/** Makes sure that the bucket is there: the answer to a HEAD is the same for a missing object and for a missing bucket. */
export class BucketCheck {
  private seen: Promise<void> | undefined;

  constructor(
    private readonly requests: Requests,
    private readonly target: Target,
  ) {}

  /** Called when an answer has shown the bucket. */
  found(): void {
    this.seen = Promise.resolve();
  }

  /** Rejects when there is no such bucket. Asks once, unless the question itself fails. */
  async require(): Promise<void> {
    this.seen ??= this.ask().catch((error: unknown) => {
      this.seen = undefined;
      throw error;
    });
    await this.seen;
  }

  private async ask(): Promise<void> {
    const request = { verb: 'find' };
    try {
      await this.requests.attempt(request, (s3, o) => s3.headBucket({ Bucket: this.target.bucket }, o));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { reason } = error.explained;
      // Who may not ask for the bucket has been told all the same that the object is not there.
      if (reason === 'access-denied') return;
      if (reason !== 'not-found') throw error.explained.error;
      throw this.requests.failed(request, new S3Failure('missing-bucket', 'NoSuchBucket', '', 404)).explained.error;
    }
  }
}
