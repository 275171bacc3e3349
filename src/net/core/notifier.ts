/** Changes of state come out as events, in order, synchronously; who listens does not change what it is told of. */
export class Notifier<Event> {
  #listeners: readonly ((event: Event) => void)[] = [];

  /** Returns how to stop listening. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  notify(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
