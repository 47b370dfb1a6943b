/** The end of one attempt, told from outside. Its signal is made when somebody asks for it: most steps never do. */
export class AttemptAbort {
  private controller: AbortController | undefined;
  private reason: Error | undefined;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.reason ??= reason;
    this.controller?.abort(this.reason);
  }

  throwIfAborted(): void {
    if (this.reason) throw this.reason;
  }
}
