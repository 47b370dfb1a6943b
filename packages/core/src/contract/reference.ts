/** `<algorithm>:<lower-case hex>` of an artifact's plain (uncompressed) bytes, e.g. `sha256:9f86d0…`. */
export type Digest = string;

/** The place of bytes inside a larger object, e.g. in a commit batch. */
export interface Location {
  /** Key of the object that holds them. */
  readonly object: string;
  /** Bytes from the start of that object. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** Names stored bytes by their content. Without `at` they are the object `cas/<algorithm>/<aa>/<hex>`. */
export interface Reference {
  readonly digest: Digest;
  /** Plain bytes. */
  readonly size: number;
  /** The encoding: the id a Serializer gave the bytes, stored so that old runs stay readable. */
  readonly codec: string;
  readonly at?: Location;
}

/** Artifacts by name. */
export type References = Readonly<Record<string, Reference>>;
