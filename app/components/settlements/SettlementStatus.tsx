import { useTranslation } from "react-i18next";
import { Chip } from "../ui/Chip.tsx";

/** pending and sent go their way; confirmed is done; failed needs a hand. */
export function SettlementStatus({
  status,
  waits,
}: {
  status: "pending" | "sent" | "confirmed" | "failed";
  /** Something keeps it from going on. */
  waits?: boolean;
}) {
  const { t } = useTranslation("settlements");
  const s = status === "confirmed" ? "good" : status === "failed" ? "act" : waits ? "watch" : "plain";
  return <Chip s={s}>{t(`status.${status}.word`)}</Chip>;
}
