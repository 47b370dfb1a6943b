/** Runs a script and exits with the code that `work` resolves with. Prints a failure as a message without a stack.
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
