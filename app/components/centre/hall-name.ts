import { useTranslation } from "react-i18next";

/** A hall that is only a letter or a number is called a hall; a longer name speaks for itself. */
export function useHallName(): (name: string) => string {
  const { t } = useTranslation("centre");
  return (name) => (name.length <= 3 ? t("hall", { name }) : name);
}
