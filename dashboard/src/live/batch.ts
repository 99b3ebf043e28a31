/** From so many items a second on they are handed on every `CROWDED_MS`: each time costs as much for one as for twenty, and scrolling needs the frames between. */
const CROWDED_PER_SECOND = 100;
const CROWDED_MS = 100;

/**
 * Collects what comes in and hands it on once per animation frame, or ten times a second where much comes.
 * A hidden page draws no frames, so there a timer takes their place.
 */
export class FrameBatch<T> {
  readonly #flush: (items: T[]) => void;
  #items: T[] = [];
  #cancel: (() => void) | undefined;
  #last = 0;
  #crowded = false;

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#cancel) return;
    if (document.visibilityState === 'hidden') {
      const timer = setTimeout(this.#run, 250);
      this.#cancel = () => clearTimeout(timer);
    } else if (this.#crowded) {
      const timer = setTimeout(this.#run, Math.max(0, this.#last + CROWDED_MS - Date.now()));
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
    const now = Date.now();
    this.#crowded = items.length * 1000 > CROWDED_PER_SECOND * Math.max(1, now - this.#last);
    this.#last = now;
    this.#flush(items);
  };
}
