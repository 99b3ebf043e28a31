import { defineConfig } from 'vitest/config';

export default defineConfig({
  // A busy machine is slow, not wrong.
  test: { include: ['e2e/*.e2e.ts'], testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: 120_000 } }, fileParallelism: false },
});
