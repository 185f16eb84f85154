/** A listener of one event. */
export type Listener<Arguments extends unknown[]> = (...told: Arguments) => void;

/**
 * Typed events: `Events` names them and what each tells. Without a dependency, so that it is the same in browsers, Node
 * and Workers.
 */
export class Emitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Calls `listener` at every event from now on. Out: a function that ends it; `signal` ends it as well. */
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    const { signal } = options;
    if (signal?.aborted === true) return () => undefined;
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // One of its own, so that the same function can listen twice and each stops by itself.
    const own: Listener<Events[Name]> = (...told) => listener(...told);
    listeners.add(own);
    const stop = (): void => {
      listeners.delete(own);
      signal?.removeEventListener('abort', stop);
    };
    signal?.addEventListener('abort', stop);
    return stop;
  }

  /** Tells everybody who listens now, in the order they came. A listener that throws keeps none from being told. */
  emit<Name extends keyof Events>(name: Name, ...told: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Events[Name]>)(...told);
      } catch (error) {
        // Not the emitter's to deal with; reported as any other uncaught error is.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** True when somebody listens. */
  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }
}
