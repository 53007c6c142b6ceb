import { useNavigate } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { usePages } from "./Nav.tsx";

/** `g` and then the page's key. Silent in fields, and with any modifier held. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  const pages = usePages();
  const current = useRef({ navigate, pages });
  current.current = { navigate, pages };
  useEffect(() => {
    let pressedG = 0;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target.closest("input, select, textarea, [contenteditable]")
      )
        return;
      if (event.key === "g") {
        pressedG = event.timeStamp;
        return;
      }
      if (event.timeStamp - pressedG > 1_200) return;
      pressedG = 0;
      const page = current.current.pages.find(({ key }) => key === event.key);
      if (page) current.current.navigate(page.to);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
