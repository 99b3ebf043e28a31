import { afterEach, describe, expect, it, vi } from 'vitest';

import { persistently } from './part';

const noPause = () => Promise.resolve();

function failing(times: number) {
  let left = times;
  return vi.fn(() => (left-- > 0 ? Promise.reject(new TypeError('Failed to fetch dynamically imported module')) : Promise.resolve('the part')));
}

describe('a chunk', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  it('is asked for again while the server does not answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    const load = failing(5);
    expect(await persistently(load, noPause)).toBe('the part');
    expect(load).toHaveBeenCalledTimes(6);
  });

  it('that the server does not have reloads the page once, and then is a fault', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response()));
    const reload = vi.fn();
    vi.stubGlobal('location', { reload });
    void persistently(failing(9), noPause);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1), 20_000);
    await expect(persistently(failing(9), noPause)).rejects.toThrow('Failed to fetch');
    expect(reload).toHaveBeenCalledTimes(1);
  });
});
