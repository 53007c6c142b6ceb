import { useSyncExternalStore } from "react";

/**
 * Whether shortcuts of a single key (`?`, `/`, `g f`) are on in this browser: whoever speaks instead of typing, or hits
 * keys by mistake, switches them off (WCAG 2.1.4).
 */
const name = "hs_single_keys";
const watchers = new Set<() => void>();
/** Stands in where the browser lets nothing be stored. */
let kept: string | null = null;

export function singleKeysAreOn(): boolean {
  try {
    return (localStorage.getItem(name) ?? kept) !== "off";
  } catch {
    return kept !== "off";
  }
}

export function setSingleKeys(on: boolean): void {
  kept = on ? "on" : "off";
  try {
    localStorage.setItem(name, kept);
  } catch {
    // For this page only, then.
  }
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener("storage", watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener("storage", watcher);
  };
}

export const useSingleKeys = () => useSyncExternalStore(watch, singleKeysAreOn, () => true);
