import { useNavigate } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { usePages } from "./Nav.tsx";
import { singleKeysAreOn } from "./single-keys.ts";

type Asked = { help: () => void; palette: () => void };

/** The second key counts for so long after `g`. */
const togetherMs = 1_200;
const inField = "input, select, textarea, [contenteditable]";

/**
 * Ctrl/⌘ K: where to go. `/`: the page's search field, or where to go. `?`: all of these. `g` and then a page's key.
 * Single keys are silent in fields, with a modifier held, and when they are switched off; all are under an open dialog.
 */
export function useShortcuts(asked: Asked): void {
  const navigate = useNavigate();
  const pages = usePages();
  const current = useRef({ navigate, pages, asked });
  current.current = { navigate, pages, asked };
  useEffect(() => {
    let pressedG = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      const { asked, pages, navigate } = current.current;
      if (event.defaultPrevented || event.isComposing || event.repeat || document.querySelector("dialog[open]")) return;
      const run = (what: () => void) => {
        event.preventDefault();
        what();
      };
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k")
        return run(asked.palette);
      if (event.ctrlKey || event.metaKey || event.altKey || !singleKeysAreOn()) return;
      if (event.target instanceof Element && event.target.closest(inField)) return;
      const afterG = event.timeStamp - pressedG <= togetherMs;
      pressedG = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const page = afterG && pages.find(({ key }) => key === event.key);
      if (page) return run(() => navigate(page.to));
      if (event.key === "?") return run(asked.help);
      if (event.key !== "/") return;
      const search = document.querySelector<HTMLInputElement>('main input[type="search"]');
      run(search ? () => search.focus() : asked.palette);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
