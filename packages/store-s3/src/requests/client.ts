import type { S3 } from '@aws-sdk/client-s3';
import type { S3Credentials, Settings } from '../options.ts';
import { refuseWebPages } from './answers.ts';

/** Ms for the connection itself; a longer idle timeout does not prolong it. */
const CONNECT_MS = 10_000;

/** Loads the SDK and makes its client. It sends nothing yet. */
export async function awsClient(settings: Settings): Promise<S3> {
  const [{ S3: Client }, http, https] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('node:http'),
    import('node:https'),
  ]);
  const { region, endpoint, forcePathStyle, credentials, idleTimeoutMs } = settings;
  const { requestChecksumCalculation, responseChecksumValidation } = settings;
  // Requests are counted by the store: in a queue of the agent they would use up their timeouts.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  const client = quietly(
    () =>
      new Client({
        ...(region !== undefined && { region }),
        ...(endpoint !== undefined && { endpoint }),
        ...(forcePathStyle !== undefined && { forcePathStyle }),
        // The SDK writes into the object it is given.
        ...(credentials !== undefined && { credentials: isProvider(credentials) ? credentials : { ...credentials } }),
        ...(requestChecksumCalculation !== undefined && { requestChecksumCalculation }),
        ...(responseChecksumValidation !== undefined && { responseChecksumValidation }),
        // varve repeats calls itself. An SDK that does so too would hide whose write it was that won.
        maxAttempts: 1,
        expectContinueHeader: false,
        requestHandler: {
          connectionTimeout: Math.min(CONNECT_MS, idleTimeoutMs),
          socketTimeout: idleTimeoutMs,
          httpAgent: new http.Agent(agent),
          httpsAgent: new https.Agent(agent),
        },
      }),
  );
  leaveBodiesToReaders(client);
  refuseWebPages(client);
  return client;
}

function isProvider(credentials: unknown): credentials is () => Promise<S3Credentials> {
  return typeof credentials === 'function';
}

const WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * On Node 20 the SDK warns, eight lines in each thread of each command, of what its later versions will need. Ours is a fixed
 * version. It looks at the environment while the client is made, and at no other time.
 */
function quietly<T>(make: () => T): T {
  const before = process.env[WARNING];
  process.env[WARNING] = 'true';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[WARNING];
    else process.env[WARNING] = before;
  }
}

interface RawBody {
  readonly socket?: { setTimeout?(ms: number): void };
}

/** Ends the idle timer of the socket once the body of an object begins: a reader may take its time between chunks. */
function leaveBodiesToReaders(client: S3): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { body } = result.response as { readonly body?: RawBody };
      if (context.commandName === 'GetObjectCommand') body?.socket?.setTimeout?.(0);
      return result;
    },
    { step: 'deserialize', name: 'varveLeaveBodiesToReaders' },
  );
}
