import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type Datastore, StoreError, VarveError } from '../../contract/index.ts';
import { createOnce, readObject } from '../objects/body.ts';
import { decodeEnvelope, encodeEnvelope, readStored } from '../objects/envelope.ts';
import { leaseKey, leasesPrefix, numberOfKey } from '../objects/keys.ts';
import { asCount, asFields, asNumber, asString, optional, type ShapeFields } from '../objects/shape.ts';

/** The process that holds a lease. */
export interface LeaseOwner {
  readonly host: string;
  readonly pid: number;
  readonly flow?: string;
  readonly runId?: string;
  /** Ms since the Unix epoch, by the owner's clock. */
  readonly takenAt: number;
}

/** One generation of a lease, as it is stored. */
export interface Lease {
  readonly name: string;
  readonly generation: number;
  readonly key: string;
  readonly owner: LeaseOwner;
  /** Unlike that of any other lease; kept when the lease is renewed. */
  readonly token: string;
  /** Ms since the Unix epoch, by the store's clock. */
  readonly modifiedAt: number;
  /** There was no other generation when it was taken, and it was not renewed since. */
  readonly isOnly?: boolean;
}

export type AcquiredLease =
  | { readonly held: true; readonly lease: Lease }
  | { readonly held: false; readonly owner: LeaseOwner; readonly key: string };

export interface AcquireOptions extends CallOptions {
  /** True while the owner of a lease is at work. The lease of a dead owner is free. */
  isAlive(lease: Lease): boolean | Promise<boolean>;
  /** It is taken first and looked at then, as if there were no other generation. */
  readonly isLikelyFree?: boolean;
}

/** Longest pause before another attempt, when several processes asked for a lease at the same time. Ms. */
const PAUSE_MS = 20;

/**
 * Takes a lease that no living process holds, by creating the next generation. Generations may be deleted, so a number
 * alone proves nothing: the taker lists them once more, and steps back when another living owner is there. Of two that
 * hold one at the same time, at least one sees the other.
 */
export async function acquireLease(
  store: Datastore,
  name: string,
  owner: LeaseOwner,
  { isAlive, isLikelyFree = false, ...options }: AcquireOptions,
): Promise<AcquiredLease> {
  const token = randomUUID();
  for (let attempt = 0; ; attempt++) {
    const seen = isLikelyFree && attempt === 0 ? [] : await listLeases(store, name, options);
    const holder = await firstAlive(seen, isAlive);
    if (holder) return { held: false, owner: holder.owner, key: holder.key };
    const key = await create(store, name, (seen[0]?.generation ?? -1) + 1, { owner, token }, options);
    if (key === undefined) continue;
    const now = await listLeases(store, name, options, { key, owner, token });
    const mine = now.find((lease) => lease.token === token);
    const others = now.filter((lease) => lease.token !== token);
    if (mine && !(await firstAlive(others, isAlive)))
      return { held: true, lease: { ...mine, isOnly: now.length === 1 } };
    await store.delete(key, options);
    await sleep(Math.random() * PAUSE_MS, undefined, options);
  }
}

/**
 * Renews a lease by creating the next generation. `undefined` when another process has taken it. The generation before
 * stays until the next renewal, so that no listing can miss both.
 */
export async function renewLease(
  store: Datastore,
  lease: Lease,
  options: CallOptions = {},
): Promise<Lease | undefined> {
  const { name, generation, owner, token } = lease;
  if ((await create(store, name, generation + 1, { owner, token }, options)) === undefined) return undefined;
  const now = await listLeases(store, name, options);
  const mine = now.find((one) => one.token === token && one.generation === generation + 1);
  if (!mine || now[0] !== mine) return undefined;
  for (const old of now.filter((one) => one.generation < generation)) await store.delete(old.key, options);
  return mine;
}

/** Deletes a lease and its older generations, the oldest first, so that the newest is the last to vanish. */
export async function releaseLease(store: Datastore, lease: Lease, options: CallOptions = {}): Promise<void> {
  if (lease.isOnly) return deleteOnce(store, lease.key, options);
  const stored: number[] = [];
  for await (const { key } of store.list(leasesPrefix(lease.name), options)) stored.push(numberOfKey(key) ?? Infinity);
  for (const generation of stored.sort((a, b) => a - b))
    if (generation <= lease.generation) await store.delete(leaseKey(lease.name, generation), options);
}

/** Deletes what a run may have of a lease that it asked for without getting an answer. */
export async function releaseOwn(
  store: Datastore,
  name: string,
  runId: string,
  options: CallOptions = {},
): Promise<void> {
  for (const { key, owner } of await listLeases(store, name, options))
    if (owner.runId === runId) await deleteOnce(store, key, options);
}

/** A deletion that is made again may hit the lease of the next holder, which has the same key. One that fails runs out by itself. */
async function deleteOnce(store: Datastore, key: string, options: CallOptions): Promise<void> {
  let attempts = 0;
  const failed = new StoreError('unavailable', `the lease ${key} could not be given back`);
  const beforeAttempt = () => {
    if (attempts++ > 0) throw failed;
  };
  await store.delete(key, { ...options, beforeAttempt }).catch((error: unknown) => {
    if (error !== failed) throw error;
  });
}

/** The highest generation of a lease; `undefined` when there is none. The caller decides whether its owner is alive. */
export async function readLease(store: Datastore, name: string, options: CallOptions = {}): Promise<Lease | undefined> {
  return (await listLeases(store, name, options))[0];
}

/** The newest generation of a lease that was seen before; `undefined` when its owner has given it back. */
export async function lookAgain(store: Datastore, lease: Lease, options: CallOptions = {}): Promise<Lease | undefined> {
  return (await listLeases(store, lease.name, options)).find(({ token }) => token === lease.token);
}

/** Highest generation first. `created` was written by this very call: its content need not be read back. */
async function listLeases(
  store: Datastore,
  name: string,
  options: CallOptions,
  created?: Pick<Lease, 'key' | 'owner' | 'token'>,
): Promise<Lease[]> {
  const leases: Lease[] = [];
  for await (const { key, modifiedAt } of store.list(leasesPrefix(name), options)) {
    const generation = numberOfKey(key);
    if (generation === undefined) continue;
    const content = created?.key === key ? created : await readLeaseAt(store, key, modifiedAt, options);
    if (content) leases.push({ name, generation, modifiedAt, ...content });
  }
  return leases.sort((a, b) => b.generation - a.generation);
}

async function readLeaseAt(
  store: Datastore,
  key: string,
  modifiedAt: number,
  options: CallOptions,
): Promise<Pick<Lease, 'key' | 'owner' | 'token'> | undefined> {
  const bytes = await readObject(store, key, options);
  return bytes && { key, ...contentOf(bytes, key, modifiedAt) };
}

/** A damaged lease still has an owner: only its age can tell whether that one is alive. */
function contentOf(bytes: Uint8Array, key: string, modifiedAt: number): Pick<Lease, 'owner' | 'token'> {
  try {
    return readStored(key, () => {
      const fields = asFields(decodeEnvelope('lease', bytes, key), '');
      return { owner: readOwner(fields), token: asString(fields.token, '.token') };
    });
  } catch (error) {
    if (!VarveError.is(error)) throw error;
    return { owner: { host: 'an unknown host', pid: 0, takenAt: modifiedAt }, token: '' };
  }
}

function readOwner(fields: ShapeFields): LeaseOwner {
  return {
    host: asString(fields.host, '.host'),
    pid: asCount(fields.pid, '.pid'),
    ...optional(fields, 'flow', '', asString),
    ...optional(fields, 'runId', '', asString),
    takenAt: asNumber(fields.takenAt, '.takenAt'),
  };
}

async function create(
  store: Datastore,
  name: string,
  generation: number,
  { owner, token }: Pick<Lease, 'owner' | 'token'>,
  options: CallOptions,
): Promise<string | undefined> {
  const key = leaseKey(name, generation);
  return (await createOnce(store, key, [encodeEnvelope('lease', { ...owner, token })], options)) ? key : undefined;
}

async function firstAlive(leases: readonly Lease[], isAlive: AcquireOptions['isAlive']): Promise<Lease | undefined> {
  for (const lease of leases) if (await isAlive(lease)) return lease;
  return undefined;
}
