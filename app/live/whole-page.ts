import { untilReachable } from "./steady-fetch.ts";
import { connection } from "./use-connection.ts";

/** Of the Navigation API, which TypeScript does not know yet. */
type NavigateEvent = Event & { navigationType: string; userInitiated: boolean };
type Target = { pathname: string; search: string; hash: string };

/**
 * A page's script may be gone: of a build that was replaced while this page stood open, or because the network is away.
 * Remix then reloads the address that it is at, which is neither where the person wanted to go, nor possible without a
 * network: the page with the last figures would be lost. Instead the page that was asked for is loaded as a whole
 * document, once, as soon as the console answers. A browser without the Navigation API reloads, as Remix does.
 * @param wanted where a navigation in this document is on its way to.
 */
export function openWholeInstead(wanted: () => Target | undefined): void {
  const { navigation } = window as { navigation?: EventTarget };
  navigation?.addEventListener("navigate", (event) => {
    const { navigationType, userInitiated, cancelable } = event as NavigateEvent;
    const target = wanted();
    if (navigationType !== "reload" || userInitiated || !cancelable || !target) return;
    event.preventDefault();
    void untilReachable(window.fetch).then(() => {
      // Unless the person went elsewhere meanwhile.
      if (wanted() === target) window.location.assign(target.pathname + target.search + target.hash);
    });
  });
}

/** Imports a part of this build; without a network as often as it takes, a part that is gone three times. */
export async function steadyImport<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await load();
    } catch (error) {
      if (attempt >= 2 && navigator.onLine) throw error;
      await connection.pause(attempt);
    }
  }
}
