import type { components } from './schema';

export type Message = components['schemas']['MessageResponse'];
export type Task = components['schemas']['TaskResponse'];

/** Asks the API; a refusal becomes an Error with the server's own sentence. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, signal ? { signal } : {});
  if (!response.ok) {
    const body: unknown = await response.json().catch(() => null);
    const detail = body && typeof body === 'object' && 'detail' in body ? body.detail : null;
    throw new Error(typeof detail === 'string' ? detail : `HTTP ${response.status}`);
  }
  return (await response.json()) as T;
}
