/** Runs a script: its exit code is what `work` resolves with, and a failure is a message without a stack.
 * @param {string} name Put before the message.
 * @param {() => Promise<number>} work */
export async function main(name, work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    console.error(`\n${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
