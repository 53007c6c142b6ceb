import type { LocalizedText } from "#db/schema/columns.ts";
import type { Role } from "#db/schema/people.ts";
import type { Permission } from "./auth/permissions.ts";
import type { Status } from "./components/ui/Mark.tsx";
import type { Locale, Theme } from "./i18n/locales.ts";
import type { RangeName, Refresh } from "./view.ts";

export type ShellCentre = { id: string; name: LocalizedText; status: Status };

/** What the root loader gives to every page. */
export type RootData = {
  locale: Locale;
  theme: Theme;
  /** The server's clock at this answer: ages are counted from it. */
  nowMs: number;
  /** Zone in which the page shows times. */
  timeZone: string;
  zoneChoice: string;
  range: RangeName | undefined;
  refresh: Refresh;
  csrf: string;
  /** null: nobody is signed in. */
  person: { name: string; role: Role; permissions: Permission[] } | null;
  centres: ShellCentre[];
  /** Open alarms that need a hand now. */
  alarmsToActOn: number;
  /** Anything in sight is made by the simulator. */
  simulated: boolean;
};
