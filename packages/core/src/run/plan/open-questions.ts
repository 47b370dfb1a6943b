/** Answers from outside that a run waits for: it must not end while one is open. */
export class OpenQuestions {
  private open = 0;

  constructor(
    /** After each answer has been used. */
    private readonly onAnswered: () => void,
    /** An answer that nobody could use: the run cannot go on. */
    private readonly onBroken: (error: unknown) => void,
  ) {}

  get count(): number {
    return this.open;
  }

  ask<T>(question: Promise<T>, use: (answer: T) => void, refuse: (error: unknown) => void = this.onBroken): void {
    this.open++;
    question
      .then(use, refuse)
      .catch(this.onBroken)
      .finally(() => {
        this.open--;
        this.onAnswered();
      });
  }
}
