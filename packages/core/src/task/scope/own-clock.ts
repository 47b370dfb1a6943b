/**
 * The clock for varve's own code in threads that run tasks: ms since some moment. Taken before observers stand in for the
 * global functions, where a look at the clock counts for the running task.
 */
export const monotonicNow = performance.now.bind(performance);

/** As `monotonicNow`, since the Unix epoch. */
export const wallNow = Date.now;
