/**
 * Answers command lines as `varve` does, one after the other in one process: what costs a start of Node each time is
 * loaded once. Worker threads and the I/O thread are as fresh in each run as in a process of its own.
 */
const [bin] = process.argv.slice(2);
const { main } = await import(bin);
const home = { ...process.env };
const real = { stdout: process.stdout.write, stderr: process.stderr.write };

function setEnv(env) {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
}

function capture(stream, output) {
  process[stream].write = (chunk, encoding, done) => {
    output[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const end = typeof encoding === 'function' ? encoding : done;
    if (end) queueMicrotask(end);
    return true;
  };
}

process.on('message', async ({ args, env, cwd }) => {
  const output = { stdout: '', stderr: '' };
  process.chdir(cwd);
  setEnv({ ...home, ...env });
  for (const stream of ['stdout', 'stderr']) capture(stream, output);
  const code = await main(args).catch((error) => String(error.stack));
  for (const stream of ['stdout', 'stderr']) {
    process[stream].removeAllListeners('error');
    process[stream].write = real[stream];
  }
  process.send({ code, ...output });
});
process.send('ready');
