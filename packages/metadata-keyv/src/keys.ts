import { createHash } from 'node:crypto';

/** Bytes of a key at most: with the namespace, which Redis gets twice, below the 255 that Postgres and MySQL take. */
const LONGEST = 120;
/** Names of flows are spread over so many lists: two flows that begin for the first time at once rarely share one. */
const LISTS = 64;

/** What a name becomes in a key: databases may not tell upper from lower case. Unlike names stay unlike. */
function encode(name: string): string {
  return name.replaceAll(/[^a-z0-9._-]/gu, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** The key under which a record of one run is kept. Every one but `head` is written once. */
export function runKey(flow: string, id: string, record: 'record' | 'head' | 'summary' | `batch/${number}`): string {
  return `run/${encode(flow)}/${encode(id)}/${record}`;
}

/** The key of the run that has this number. The numbers of a flow are its index: nothing is ever iterated over. */
export function numberKey(flow: string, number: number): string {
  return `flow/${encode(flow)}/number/${number}`;
}

/** The key of a number that no run of the flow is far above. */
export function topKey(flow: string): string {
  return `flow/${encode(flow)}/top`;
}

/** The key of the list that names this flow. */
export function flowsKey(flow: string): string {
  return listKey(createHash('sha256').update(flow).digest().readUInt32BE() % LISTS);
}

/** The keys of all lists of flows. */
export function allFlowsKeys(): string[] {
  return Array.from({ length: LISTS }, (_, list) => listKey(list));
}

function listKey(list: number): string {
  return `flows/${list}`;
}

/** The key as it is handed to Keyv: a long one becomes its hash. */
export function storedKey(key: string): string {
  return Buffer.byteLength(key) <= LONGEST ? key : `sha256/${createHash('sha256').update(key).digest('hex')}`;
}
