import { defineConfig } from 'vitest/config';

// Browser tests: one file after the other, for two browsers at work fill a small machine.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'e2e',
    environment: 'node',
    include: ['*.e2e.ts'],
    globalSetup: ['./support/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: [['default', { summary: false }]],
  },
});
