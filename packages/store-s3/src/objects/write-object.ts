import { type Body, type PutOptions, StoreError } from '@varve/core/contract';
import { MARK, newMark, OwnWrites } from '@varve/core/store-kit';
import { written } from '../requests/answers.ts';
import { S3Failure } from '../requests/failure.ts';
import { RequestFailed, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';
import { wholeBody } from './body.ts';
import type { Conditions } from './conditions.ts';
import { PART_SIZE, type Uploads } from './upload.ts';

const OBJECT_MAX = 5 * 1024 ** 4;
/** A conditional put of up to so many bytes is one request: not every server keeps the condition of an upload in parts. */
const CONDITIONAL_MAX = 64 * 1024 * 1024;

interface Write {
  readonly key: string;
  readonly path: string;
  readonly body: Body;
  readonly signal: AbortSignal | undefined;
}

/** Writes objects: whole or in parts, and only if absent where that is asked for. */
export class ObjectWriter {
  /** Bytes. */
  readonly maxBytes = OBJECT_MAX;
  private readonly own = new OwnWrites();

  constructor(
    private readonly storeName: string,
    private readonly requests: Requests,
    private readonly target: Target,
    private readonly uploads: Uploads,
    private readonly conditions: Conditions,
    private readonly isAws: boolean,
  ) {}

  async put(key: string, path: string, body: Body, { signal, ifAbsent = false }: PutOptions): Promise<void> {
    if (body.size > OBJECT_MAX) {
      throw new StoreError('too-large', `"${key}" has ${body.size} bytes, S3 takes up to ${OBJECT_MAX}.`, { key });
    }
    const write = { key, path, body, signal };
    if (!ifAbsent) return body.size <= PART_SIZE ? this.replace(write) : this.replaceInParts(write);
    await this.conditions.require(signal);
    return body.size <= CONDITIONAL_MAX ? this.create(write) : this.createInParts(write);
  }

  private async replace({ key, path, body, signal }: Write): Promise<void> {
    const input = { ...this.target.object(path), ...this.target.written(), Body: await wholeBody(key, body, signal) };
    await this.requests.send({ verb: 'write', key, signal }, async (s3, o) => written(await s3.putObject(input, o)));
  }

  private async replaceInParts({ key, path, body, signal }: Write): Promise<void> {
    await this.uploads.write({ key, path, signal }, body);
  }

  private async create(write: Write): Promise<void> {
    const { key, path, body, signal } = write;
    const Body = await wholeBody(key, body, signal);
    const mark = newMark();
    const condition = { IfNoneMatch: '*', Metadata: { [MARK]: mark } };
    const input = { ...this.target.object(path), ...this.target.written(), ...condition, Body };
    try {
      await this.requests.attempt({ verb: 'write', key, signal }, async (s3, o) =>
        written(await s3.putObject(input, o)),
      );
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      await this.settle(write, mark, error);
    }
  }

  /** Decides what a failed conditional put means: a lost race, or an earlier answer that was lost. */
  private async settle({ key, path, body, signal }: Write, mark: string, { explained }: RequestFailed): Promise<void> {
    if (explained.status === 501) throw this.conditions.refused(key);
    if (explained.isUnsure) this.own.remember(body, key, mark);
    if (explained.status !== 412) throw explained.error;
    if (!this.own.isUnsure(body, key)) throw this.taken(key);
    const found = await this.uploads.markOf(key, path, signal);
    if (found === undefined) throw this.goneAgain(key);
    if (!this.own.holds(body, key, found)) throw this.taken(key);
  }

  private async createInParts({ key, path, body, signal }: Write): Promise<void> {
    if (!this.isAws) {
      const message =
        `Cannot write "${key}" in ${this.storeName} only if it is absent: it has ${body.size} bytes. Above ${CONDITIONAL_MAX} ` +
        'it takes an upload in parts, for which not all servers but AWS keep that condition.';
      throw new StoreError('unsupported', message, { key });
    }
    try {
      await this.uploads.write({ key, path, signal, ifAbsent: true }, body);
    } catch (error) {
      if (!(error instanceof StoreError && error.cause instanceof S3Failure && error.cause.status === 412)) throw error;
      throw this.taken(key);
    }
  }

  /** Whose it was is not known, and the key is free: another attempt may have it. */
  private goneAgain(key: string): StoreError {
    const message = `Cannot write "${key}" in ${this.storeName}: the object that was in the way is gone again.`;
    return new StoreError('unavailable', message, { key });
  }

  private taken(key: string): StoreError {
    return new StoreError('already-exists', `"${key}" is taken in ${this.storeName}.`, { key });
  }
}
