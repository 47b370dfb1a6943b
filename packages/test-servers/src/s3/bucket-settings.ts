import type { Reply } from '../wire/index.ts';
import { S3Refused, tag, tags, xmlReply } from './answers.ts';

/** `rules`: its `Rule` elements; a bucket without any has no lifecycle. */
export function getLifecycle(rules: string | undefined): Reply {
  if (rules !== undefined) return xmlReply(tag('LifecycleConfiguration', rules));
  throw new S3Refused(404, 'NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist');
}

/** A bucket whose versioning was never turned on has no status. */
export function getVersioning(status: string | undefined): Reply {
  return xmlReply(tag('VersioningConfiguration', status === undefined ? '' : tags({ Status: status })));
}
