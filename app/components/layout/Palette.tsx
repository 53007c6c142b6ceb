import { useNavigate } from "@remix-run/react";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat, useRootData } from "../../use-format.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon, Mark } from "../ui/Mark.tsx";
import { usePages } from "./Nav.tsx";
import "./shortcuts.css";

/** Where to go: the reader's pages and centres, by a part of the name. Arrows choose, Enter goes. */
export function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation("common");
  const { name } = useFormat();
  const id = useId();
  const navigate = useNavigate();
  const centres = useRootData()?.centres ?? [];
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const all = [
    ...usePages().map(({ to, icon, name }) => ({ to, label: t(name), mark: <Icon name={icon} />, kind: t("go.page") })),
    ...centres.map((centre) => ({
      to: `/centres/${centre.id}`,
      label: name(centre.name),
      mark: <Mark s={centre.status} label={t(`status.${centre.status}`)} />,
      kind: t("go.centre"),
    })),
  ];
  const wanted = text.trim().toLowerCase();
  const found = all.filter(({ label, to }) => `${label} ${to}`.toLowerCase().includes(wanted));
  const at = Math.min(chosen, found.length - 1);
  const go = (to: string | undefined) => {
    if (to === undefined) return;
    close();
    navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.nativeEvent.isComposing || (!step && event.key !== "Enter")) return;
    event.preventDefault();
    if (step) setChosen((at + step + found.length) % Math.max(1, found.length));
    else go(found[at]?.to);
  };
  return (
    <Dialog title={t("go.title")} close={close} className="palette">
      <input
        className="in"
        data-focus
        type="text"
        role="combobox"
        aria-label={t("go.label")}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        placeholder={t("go.label")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-list`} aria-label={t("go.title")}>
        {found.map(({ to, label, mark, kind }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: chosen by aria-activedescendant
          <div key={to} id={`${id}-${index}`} role="option" aria-selected={index === at} onClick={() => go(to)}>
            {mark}
            {label}
            <span className="meta">{kind}</span>
          </div>
        ))}
      </div>
      <p className="meta" role="status">
        {found.length === 0 ? t("go.none") : ""}
      </p>
    </Dialog>
  );
}
