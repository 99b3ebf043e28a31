import { InfiniteQueryObserver, notifyManager, useQueryClient, type DefaultError, type InfiniteData, type InfiniteQueryObserverOptions, type InfiniteQueryObserverResult, type QueryKey } from '@tanstack/react-query';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

type Options<T, K extends QueryKey, P> = InfiniteQueryObserverOptions<T, DefaultError, InfiniteData<T>, K, P>;
type Result<T> = InfiniteQueryObserverResult<InfiniteData<T>>;

/** What lists show; that one is read anew in the background changes nothing of it. */
const SHOWN = ['data', 'error', 'isPending', 'isError', 'isSuccess', 'hasNextPage', 'isFetchingNextPage'] as const;

/** As useInfiniteQuery for as many as are given, whose number may change: hooks in a loop may not. */
export function useInfiniteQueries<T, K extends QueryKey, P>(options: readonly Options<T, K, P>[]): readonly Result<T>[] {
  const client = useQueryClient();
  const [known] = useState(() => new Map<string, InfiniteQueryObserver<T, DefaultError, InfiniteData<T>, K, P>>());
  const keys = options.map(({ queryKey }) => JSON.stringify(queryKey));
  const observers = options.map((each, i) => {
    const key = keys[i] ?? '';
    const observer = known.get(key) ?? new InfiniteQueryObserver(client, { ...each, notifyOnChangeProps: [...SHOWN] });
    known.set(key, observer);
    return observer;
  });
  const names = keys.join('\n');
  const subscribe = useCallback(
    (listener: () => void) => {
      const told = notifyManager.batchCalls(listener);
      const stops = names.split('\n').map((key) => known.get(key)?.subscribe(told));
      return () => stops.forEach((stop) => stop?.());
    },
    [known, names],
  );
  const [last] = useState<{ results: readonly Result<T>[] }>(() => ({ results: [] }));
  const snapshot = () => {
    const now = observers.map((observer) => observer.getCurrentResult());
    if (now.length !== last.results.length || now.some((result, i) => result !== last.results[i])) last.results = now;
    return last.results;
  };
  const results = useSyncExternalStore(subscribe, snapshot);
  useEffect(() => {
    observers.forEach((observer, i) => {
      const given = options[i];
      if (given) observer.setOptions({ ...given, notifyOnChangeProps: [...SHOWN] });
    });
    for (const key of known.keys()) if (!keys.includes(key)) known.delete(key);
  });
  return results;
}
