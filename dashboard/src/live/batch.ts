/** Up to so many items a second each animation frame hands them on. */
const CROWD_PER_SECOND = 100;
/** Past that the pauses grow with the rate, to this length: drawing fifty costs little more than drawing one, and scrolling needs the frames between. */
const LONGEST_MS = 250;
const MS_PER_RATE = 0.4;

/**
 * Collects what comes in and hands it on once per animation frame, or less often where more comes than anybody could read.
 * A hidden page draws no frames, so there a timer takes their place.
 */
export class FrameBatch<T> {
  readonly #flush: (items: T[]) => void;
  #items: T[] = [];
  #cancel: (() => void) | undefined;
  #last = 0;
  /** Milliseconds from one time to the next; 0 for each frame. */
  #pause = 0;

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#cancel) return;
    if (document.visibilityState === 'hidden') {
      const timer = setTimeout(this.#run, LONGEST_MS);
      this.#cancel = () => clearTimeout(timer);
    } else if (this.#pause > 0) {
      const timer = setTimeout(this.#run, Math.max(0, this.#last + this.#pause - Date.now()));
      this.#cancel = () => clearTimeout(timer);
    } else {
      // A page that is covered but not hidden may draw no frames either: the timer is the floor.
      const frame = requestAnimationFrame(this.#run);
      const timer = setTimeout(this.#run, LONGEST_MS);
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
    const perSecond = (items.length * 1000) / Math.max(1, now - this.#last);
    this.#pause = perSecond > CROWD_PER_SECOND ? Math.min(LONGEST_MS, perSecond * MS_PER_RATE) : 0;
    this.#last = now;
    this.#flush(items);
  };
}
