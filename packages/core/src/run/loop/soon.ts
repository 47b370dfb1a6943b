/** `queueMicrotask`, taken here: a test may put a queue of its own in its place, and let it stand still. */
export const soon = queueMicrotask;
