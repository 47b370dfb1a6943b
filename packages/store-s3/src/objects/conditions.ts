import { StoreError } from '@varve/core/contract';
import { PROBE } from '../keys.ts';
import { abortable } from '../requests/abortable.ts';
import { written } from '../requests/answers.ts';
import { S3Failure } from '../requests/failure.ts';
import { RequestFailed, type RequestOptions, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';

/**
 * Finds out whether a server other than AWS keeps `If-None-Match: *`: some refuse it, some accept it and overwrite. A put of an
 * object that is there tells; it is asked before the first conditional put, and never of AWS. The object stays, so that only the
 * first process of all has to create it.
 */
export class Conditions {
  private isKept = true;
  private probe: Promise<void> | undefined;

  constructor(
    private readonly requests: Requests,
    private readonly target: Target,
    private readonly storeName: string,
    isAws: boolean,
  ) {
    if (isAws) this.probe = Promise.resolve();
  }

  get areKept(): boolean {
    return this.isKept;
  }

  /** Rejects with `unsupported` when conditions are not kept. A probe that failed is made again at the next call. */
  async require(signal: AbortSignal | undefined): Promise<void> {
    this.probe ??= this.ask().catch((error: unknown) => {
      this.probe = undefined;
      throw error;
    });
    await abortable(this.probe, signal);
    if (!this.isKept) throw this.lacking('ignores');
  }

  /** Notes that a server refused a condition, and returns the error that says so. */
  refused(key: string): StoreError {
    this.isKept = false;
    return this.lacking('refuses', key);
  }

  private async ask(): Promise<void> {
    const options = { verb: 'try conditional writes in' };
    if (!(await this.isTaken(options))) this.isKept = await this.isTaken(options);
  }

  private async isTaken(options: RequestOptions): Promise<boolean> {
    const path = `${this.target.prefix}${PROBE}`;
    const input = { ...this.target.object(path), ...this.target.written(), Body: '\n', IfNoneMatch: '*' };
    try {
      await this.requests.attempt(options, async (s3, o) => written(await s3.putObject(input, o)));
      return false;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (error.explained.status === 412) return true;
      if (error.explained.status === 501) throw this.refused(PROBE);
      throw error.explained.error;
    }
  }

  private lacking(how: string, key?: string): StoreError {
    const message =
      `${this.storeName}: the server ${how} If-None-Match, so it cannot create an object only if it is absent, and two runs ` +
      'could overwrite each other. Use a server that keeps it, such as AWS S3 or the radosgw of Ceph; ' +
      'varve check-store tells.';
    const cause = new S3Failure('no-conditional-writes', 'NotImplemented', message);
    return new StoreError('unsupported', message, { cause, ...(key !== undefined && { key }) });
  }
}
