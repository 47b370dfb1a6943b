import { VarveError } from '@varve/core/contract';

/** A store as it is named on the command line. */
export type StoreName =
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'bucket'; readonly scheme: Scheme; readonly bucket: string; readonly prefix?: string };

export type Scheme = 's3' | 'gs';

const WAYS =
  'Name a profile of varve.config.ts or default, a folder such as ./backup, s3://bucket/prefix or gs://bucket/prefix.';

/** Reads the name of a store. Everything with a slash, or with a dot in front, is a folder. Throws `VARVE_USAGE`. */
export function readStoreName(text: string): StoreName {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]+):/i.exec(text) ?? [];
  if (text.trim() === '') throw noStore(text, 'it is empty');
  if (scheme === '') return isFolder(text) ? { kind: 'folder', path: text } : { kind: 'profile', name: text };
  if (scheme === 'file') return { kind: 'folder', path: folderOfUrl(text) };
  if (scheme === 's3' || scheme === 'gs') return bucketOf(text, scheme);
  throw noStore(text, `there are no stores of ${scheme}:`);
}

function isFolder(text: string): boolean {
  return /^[.~]|[/\\]|^[A-Za-z]:/.test(text);
}

function folderOfUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host !== '' || !text.startsWith('file:///'))
    throw noStore(text, 'write file:/// and an absolute path');
  return text;
}

function bucketOf(text: string, scheme: Scheme): StoreName {
  const [, bucket = '', rest = ''] = /^[a-z0-9]+:\/\/([^/?#]*)\/?(.*)$/.exec(text) ?? [];
  if (bucket === '') throw noStore(text, `write ${scheme}://bucket/prefix`);
  if (/[?#]/.test(text)) throw noStore(text, 'options of a bucket have their place in a profile');
  const prefix = rest.replace(/\/$/, '');
  return { kind: 'bucket', scheme, bucket, ...(prefix !== '' && { prefix }) };
}

function noStore(text: string, why: string): VarveError {
  return new VarveError('VARVE_USAGE', `'${text}' names no store: ${why}`, { hint: WAYS });
}

/** The error for a name that is neither a profile nor looks like a folder. */
export function noProfile(name: string, profiles: readonly string[]): VarveError {
  const known = profiles.length === 0 ? 'the config has none' : `the config has ${profiles.join(', ')}`;
  return new VarveError('VARVE_USAGE', `'${name}' names no store: there is no such profile, ${known}`, {
    hint: `A folder is written ./${name}. ${WAYS}`,
  });
}
