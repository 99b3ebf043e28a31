import { defineConfig } from 'vitest/config';

export default defineConfig({
  // A busy machine is slow, not wrong.
  test: { include: ['e2e/*.e2e.ts'], testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 30_000 } }, fileParallelism: false },
});
