/** Ms between two looks at whether the parent is still there. */
const WATCH_MS = 1_000;

/** Ends this worker process with everything its step has started: whoever wanted the result is gone. */
export function endGroup(): void {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  } catch {
    process.exit(1);
  }
}

/** From a thread that runs while a step holds the main one: an orphan must not go on burning a core. */
export function watchParent(parentPid: number): void {
  setInterval(() => {
    if (process.ppid !== parentPid) endGroup();
  }, WATCH_MS).unref();
}
