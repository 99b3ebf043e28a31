const MAX_DELAY_MS = 15_000;

/** Back-off with full jitter, so that clients of a restarted server do not return all at once. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.round(200 + random() * Math.min(MAX_DELAY_MS, 500 * 2 ** attempt));
}

/**
 * Milliseconds to wait after a connection ended, by its close code (the table in proto/asyncapi.yaml):
 * a stopping server asks clients to spread out, a dropped client may return at once, and one that broke the
 * protocol would only be ended again, so it stays away for long.
 */
export function pauseAfter(code: number, attempt: number, random: () => number = Math.random): number {
  switch (code) {
    case 1001:
      return attempt === 0 ? Math.round(random() * 5000) : backoff(attempt, random);
    case 4001:
    case 4003:
      return attempt === 0 ? 0 : backoff(attempt, random);
    case 1002:
    case 1009:
    case 4002:
      return 60_000;
    default:
      return backoff(attempt, random);
  }
}
