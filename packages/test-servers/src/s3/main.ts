/** A double in a process of its own: says where it listens, and ends when its input does. */
import { S3Double } from './server.ts';

const double = await S3Double.start(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`${double.url}\n`);
process.stdin.resume().on('end', () => process.exit(0));
