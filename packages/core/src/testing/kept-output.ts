let kept = false;

/** Whether what is printed now is in the log of its step already, on its way through one stream or several. */
export function isKept(): boolean {
  return kept;
}

/** Prints what is in the log already. */
export function printKept<T>(print: () => T): T {
  const outer = kept;
  kept = true;
  try {
    return print();
  } finally {
    kept = outer;
  }
}
