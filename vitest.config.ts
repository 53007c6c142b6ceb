import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{app,cli,contracts,db,domain,ingest,scheduler,test}/**/*.test.{ts,tsx}"],
    exclude: ["test/e2e/**", "node_modules/**"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/console-guard.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
