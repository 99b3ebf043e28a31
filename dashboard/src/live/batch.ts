/**
 * Collects what comes in and hands it on once per animation frame: 200 messages a second are 60 updates at most.
 * A hidden page draws no frames, so there a timer takes their place.
 */
export class FrameBatch<T> {
  readonly #flush: (items: T[]) => void;
  #items: T[] = [];
  #cancel: (() => void) | undefined;

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#cancel) return;
    if (document.visibilityState === 'hidden') {
      const timer = setTimeout(this.#run, 250);
      this.#cancel = () => clearTimeout(timer);
    } else {
      // A page that is covered but not hidden may draw no frames either: the timer is the floor.
      const frame = requestAnimationFrame(this.#run);
      const timer = setTimeout(this.#run, 250);
      this.#cancel = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
      };
    }
  }

  /** Hands on at once what is waiting. */
  flush(): void {
    if (this.#cancel) this.#run();
  }

  discard(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#items = [];
  }

  #run = (): void => {
    this.#cancel?.();
    this.#cancel = undefined;
    const items = this.#items;
    this.#items = [];
    this.#flush(items);
  };
}
