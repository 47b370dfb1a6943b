import type { Row } from '../../harness/row.ts';
import { says } from '../env.ts';

/** A command that takes what it does from its input, and what it is sent. */
interface Sent {
  readonly way: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly text: string;
}

const COMMANDS: readonly Sent[] = [
  { way: 'a script for sh', file: 'sh', args: [], text: 'cat $DIR/a.txt' },
  { way: 'a script for bash -s', file: 'bash', args: ['-s'], text: 'cat $DIR/a.txt' },
  { way: 'a script for sh -', file: 'sh', args: ['-'], text: 'cd $DIR\ncat a.txt' },
  { way: 'names for xargs', file: 'xargs', args: ['cat'], text: '$DIR/a.txt\n' },
  { way: 'parts of names for xargs', file: 'xargs', args: ['-I{}', 'cat', '$DIR/{}.txt'], text: 'a\n' },
  { way: 'a name for read', file: 'bash', args: ['-c', '"while read f; do cat $DIR/$f; done"'], text: 'a.txt\n' },
  {
    way: 'a program for node',
    file: 'node',
    args: ['-'],
    text: `console.log(require('fs').readFileSync('$DIR/a.txt', 'utf8'))`,
  },
];

const unquoted = (arg: string) => arg.replace(/^"(.*)"$/, '$1');

const quoted = (text: string) => JSON.stringify(text);
const line = ({ file, args }: Sent) => quoted([file, ...args].join(' ').replace('$f', '\\$f'));
const list = ({ args }: Sent) => JSON.stringify(args.map(unquoted));

/** Ways to send it. `run` is a helper that gives the output of a child process. */
const SENDERS: Readonly<Record<string, (sent: Sent) => string>> = {
  'execSync, input': (sent) => `execSync(${line(sent)}, { encoding: 'utf8', input: ${quoted(sent.text)} })`,
  'execSync, bytes': (sent) =>
    `execSync(${line(sent)}, { encoding: 'utf8', input: Buffer.from(${quoted(sent.text)}) })`,
  'execFileSync, input': (sent) =>
    `execFileSync('${sent.file}', ${list(sent)}, { encoding: 'utf8', input: ${quoted(sent.text)} })`,
  'spawnSync, bytes': (sent) =>
    `spawnSync('${sent.file}', ${list(sent)}, { encoding: 'utf8', input: new TextEncoder().encode(${quoted(sent.text)}) }).stdout`,
  'spawn, written later': (sent) => `await run(spawn('${sent.file}', ${list(sent)}), ${quoted(sent.text)})`,
  'exec, written in parts': (sent) =>
    `await run(exec(${line(sent)}), ${quoted(sent.text.slice(0, -6))}, ${quoted(sent.text.slice(-6))})`,
  'execFile, a stream': (sent) => `await run(execFile('${sent.file}', ${list(sent)}), [${quoted(sent.text)}])`,
};

const module = (
  expression: string,
) => `import { exec, execFile, execFileSync, execSync, spawn, spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
async function run(child: any, ...parts: any[]) {
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { all += chunk; });
  if (Array.isArray(parts[0])) Readable.from(parts[0]).pipe(child.stdin);
  else for (const part of parts) { await new Promise((done) => child.stdin.write(part, done)); }
  if (!Array.isArray(parts[0])) child.stdin.end();
  await new Promise((done) => child.on('close', done));
  return all;
}
export async function look(): Promise<unknown> { try { return ${expression}; } catch (error) { return 'failed ' + (error as any).status; } }`;

/** All ways to send each. */
export const SENT_ROWS: readonly Row[] = COMMANDS.flatMap((sent) =>
  Object.entries(SENDERS).map(([way, write]) =>
    says('file that an input names', `${sent.way}: ${way}`, ['content'], module(write(sent)), {
      // A loop that is to read a name looks into the whole folder, as far as is known when it starts.
      ...(sent.way === 'a name for read' && { may: ['other'] }),
    }),
  ),
);
