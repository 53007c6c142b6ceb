import { useTranslation } from "react-i18next";
import type { JobStatus as Status } from "#db/schema/work.ts";
import { Chip } from "../ui/Chip.tsx";
import { Mark } from "../ui/Mark.tsx";

/** A job's status: mark and word. Only what needs a look has mass. */
export function JobStatus({ status, blocked }: { status: Status; blocked?: boolean }) {
  const { t } = useTranslation("jobs");
  if (blocked) return <Chip s="watch">{t("status.blocked")}</Chip>;
  if (status === "failed") return <Chip s="watch">{t("status.failed")}</Chip>;
  if (status === "running") return <Chip s="good">{t("status.running")}</Chip>;
  if (status === "succeeded")
    return (
      <span className="jobs-done">
        <Mark s="proof" /> {t("status.succeeded")}
      </span>
    );
  return <Chip s="plain">{t(`status.${status}`)}</Chip>;
}
