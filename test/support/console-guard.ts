import { afterEach, beforeEach, expect, vi } from "vitest";

// A test fails when the code under test writes an error that it did not expect. To expect one: vi.mocked(console.error).mockClear().
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  const calls = vi.mocked(console.error).mock.calls;
  vi.mocked(console.error).mockRestore();
  expect(calls, "console.error was called").toEqual([]);
});
