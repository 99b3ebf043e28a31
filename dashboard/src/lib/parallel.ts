/** Requests at once where the API changes one thing per call. */
const PARALLEL = 6;

export interface Settled<T, R> {
  done: { item: T; answer: R }[];
  failed: { item: T; error: unknown }[];
}

/** Does the same with many, a few at a time; what fails does not stop the others. */
export async function settleAll<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<Settled<T, R>> {
  const settled: Settled<T, R> = { done: [], failed: [] };
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        settled.done.push({ item, answer: await run(item) });
      } catch (error) {
        settled.failed.push({ item, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  return settled;
}
