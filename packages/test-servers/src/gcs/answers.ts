import type { Reply } from '../wire/index.ts';

/** An error as the JSON API words it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }

  /** Downloads are answered with bare text. */
  reply(asText: boolean): Reply {
    if (asText) return { status: this.status, headers: TEXT, body: Buffer.from(this.message) };
    const errors = [{ domain: 'global', reason: this.reason, message: this.message }];
    return json({ error: { code: this.status, message: this.message, errors } }, this.status);
  }
}

const TEXT = { 'content-type': 'text/html; charset=UTF-8' };

export function json(value: object, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export const noObject = (bucket: string, name: string): ApiError =>
  new ApiError(404, 'notFound', `No such object: ${bucket}/${name}`);

export const noBucket = (): ApiError => new ApiError(404, 'notFound', 'The specified bucket does not exist.');

export const badRequest = (message: string): ApiError => new ApiError(400, 'invalid', message);

type Fields = ReadonlyMap<string, Fields | undefined>;

/** Leaves what a mask such as `nextPageToken,items(name,size)` names. */
export function selectFields(value: object, mask: string | null): object {
  if (mask === null || mask === '*') return value;
  const [fields, end] = parseFields(mask, 0);
  if (end !== mask.length) throw badRequest(`Invalid field selection ${mask}`);
  return pick(value, fields);
}

function pick(value: object, fields: Fields): object {
  if (Array.isArray(value)) return value.map((item: object) => pick(item, fields));
  const entries = Object.entries(value).filter(([name]) => fields.has(name));
  return Object.fromEntries(
    entries.map(([name, part]) => {
      const inner = fields.get(name);
      return [name, inner === undefined ? part : pick(part as object, inner)];
    }),
  );
}

function parseFields(mask: string, start: number): [Fields, number] {
  const fields = new Map<string, Fields | undefined>();
  let at = start;
  for (;;) {
    const name = /^[a-zA-Z0-9]+/.exec(mask.slice(at))?.[0];
    if (name === undefined) throw badRequest(`Invalid field selection ${mask.slice(at)}`);
    at += name.length;
    let inner: Fields | undefined;
    if (mask[at] === '(') {
      [inner, at] = parseFields(mask, at + 1);
      if (mask[at] !== ')') throw badRequest(`Invalid field selection ${mask}`);
      at += 1;
    }
    fields.set(name, inner);
    if (mask[at] !== ',') return [fields, at];
    at += 1;
  }
}
