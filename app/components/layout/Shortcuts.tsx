import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/Dialog.tsx";
import { usePages } from "./Nav.tsx";
import { setSingleKeys, useSingleKeys } from "./single-keys.ts";
import "./shortcuts.css";

/** Every shortcut, and the switch for those of a single key. */
export function Shortcuts({ close }: { close: () => void }) {
  const { t } = useTranslation("common");
  const on = useSingleKeys();
  const pages = usePages();
  const lines = [
    { keys: ["/"], does: t("keys.search") },
    { keys: ["?"], does: t("keys.help") },
    ...pages.map((page) => ({ keys: ["g", page.key], does: t("keys.goTo", { page: t(page.name) }) })),
  ];
  return (
    <Dialog title={t("keys.title")} close={close}>
      <dl className="keys">
        <Line keys={["Ctrl", "K"]} does={t("keys.palette")} join=" + " />
      </dl>
      <dl className="keys" data-off={on ? undefined : ""}>
        {lines.map((line) => (
          <Line key={line.does} {...line} join={` ${t("keys.then")} `} />
        ))}
      </dl>
      <div className="keys-switch">
        <label>
          <input type="checkbox" checked={on} onChange={(event) => setSingleKeys(event.currentTarget.checked)} />
          {t("keys.single")}
        </label>
        <p className="meta">{t("keys.singleWhy")}</p>
      </div>
    </Dialog>
  );
}

function Line({ keys, does, join }: { keys: string[]; does: string; join: string }) {
  return (
    <>
      <dt>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && <span className="ink-3">{join}</span>}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  );
}
