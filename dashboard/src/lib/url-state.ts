import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/**
 * A filter in the address: every field is a string and absent fields are not in the address, so that a view can
 * be sent as a link. `parse` must drop what it does not know: the address is typed by people.
 */
export function useUrlFilter<T extends object>(parse: (parameters: URLSearchParams) => T) {
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.toString();
  // The same object comes back for the same address, since it goes into query keys and effects.
  const filter = useMemo(() => parse(new URLSearchParams(text)), [parse, text]);

  /** Changes the given fields; undefined and '' remove one. `replace` keeps typing out of the history. */
  const change = useCallback(
    (changes: { [K in keyof T]?: string | undefined }, options: { replace?: boolean } = {}) => {
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [key, value] of Object.entries(changes) as [string, string | undefined][]) {
            if (value) after.set(key, value);
            else after.delete(key);
          }
          return after;
        },
        { replace: options.replace ?? false },
      );
    },
    [setParameters],
  );
  return [filter, change] as const;
}

/** The value if it is one of the choices. */
export function oneOf<T extends string>(value: string | null, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value);
}

/** The value if it is a day that exists, as YYYY-MM-DD. */
export function day(value: string | null): string | undefined {
  if (!value || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value) ? value : undefined;
}

/** The value if it is a time, as RFC 3339 in UTC. */
export function instant(value: string | null): string | undefined {
  if (!value || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return undefined;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** Path of a page with a filter, such as the list behind a chart's mark. */
export function pathWith(path: string, filter: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(filter)) if (value) parameters.set(key, value);
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}
