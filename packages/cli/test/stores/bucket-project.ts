import { Project } from '../support/project.ts';

/** Where a project keeps its results. */
export interface Place {
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
}

/** One setting, and where its function comes from. */
const CONFIG = (bucket: string) => `import { defineConfig } from 'varve';
import { s3Store } from '@varve/store-s3';
export default defineConfig({ datastore: s3Store({ bucket: '${bucket}', prefix: 'team' }) });
`;

/** The environment in which the SDK finds the way to a place by itself. */
export function envOf({ url, accessKeyId, secretAccessKey }: Omit<Place, 'bucket'>): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

/** A checkout of a team's project, whose results go to their bucket. Every command gets the way there from its environment. */
export class BucketProject extends Project {
  constructor(
    private readonly place: Place,
    files: Readonly<Record<string, string>>,
  ) {
    super({ 'varve.config.ts': CONFIG(place.bucket), ...files });
  }

  override start(...[args, env, options]: Parameters<Project['start']>): ReturnType<Project['start']> {
    return super.start(args, { ...envOf(this.place), ...env }, options);
  }
}
