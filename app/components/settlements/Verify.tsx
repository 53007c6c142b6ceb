import { Fragment, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Check, SettlementProof, Verification } from "../../presenters/settlement-proof.ts";
import { useFormat } from "../../use-format.ts";
import { Mark } from "../ui/Mark.tsx";
import { Note } from "../ui/states.tsx";
import { Lookups } from "./Lookups.tsx";

type State =
  | { kind: "idle" }
  | { kind: "busy" }
  | { kind: "failed" }
  | { kind: "done"; result: Verification; proof: SettlementProof; atMs: number };

/**
 * Downloads the proof and recomputes every hash of it in the reader's browser, with code that is loaded only then. What was
 * recomputed, what was only compared with our indexer's reading of the chain, and what to look up there stand apart.
 */
export function Verify({ proofPath }: { proofPath: string }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const [state, setState] = useState<State>({ kind: "idle" });
  const [ready, setReady] = useState(false);
  useEffect(() => setReady(true), []);

  const verify = async () => {
    setState({ kind: "busy" });
    try {
      const [response, { verifyProof }] = await Promise.all([
        fetch(proofPath, { headers: { accept: "application/json" } }),
        import("../../presenters/settlement-proof.ts"),
      ]);
      if (!response.ok) throw new Error(`proof: ${response.status}`);
      const proof = (await response.json()) as SettlementProof;
      setState({ kind: "done", result: verifyProof(proof), proof, atMs: Date.now() });
    } catch {
      setState({ kind: "failed" });
    }
  };
  const done = state.kind === "done" ? state : null;
  const checks = done?.result.checks ?? [];
  const open = checks.filter(({ ok }) => ok === null).length;
  const made = (kind: Check["kind"]) => checks.filter((check) => check.kind === kind && check.ok !== null).length;
  return (
    <div className="settlements-verify">
      <div className="actions">
        <button type="button" className="btn" onClick={verify} disabled={!ready || state.kind === "busy"}>
          {t(done ? "verify.again" : state.kind === "busy" ? "verify.busy" : "verify.go")}
        </button>
        <a className="btn quiet" href={proofPath} download>
          {t("verify.download")}
        </a>
      </div>
      <noscript>
        <p className="meta">{t("verify.noScript")}</p>
      </noscript>
      <div aria-live="polite">
        {state.kind === "failed" && <Note s="watch">{t("verify.failed")}</Note>}
        {done && (
          <>
            <Note s={done.result.ok ? "good" : "act"}>
              <b>{t(done.result.ok ? "verify.match" : "verify.mismatch")}</b>{" "}
              {t("verify.when", {
                time: format.timeSeconds(done.atMs),
                recomputed: made("recomputed"),
                compared: made("compared"),
              })}{" "}
              {open > 0 && t("verify.open", { count: open })} {done.proof.evidence.length === 0 && t("verify.noHours")}
            </Note>
            {(["recomputed", "compared"] as const).map((kind) => (
              <Fragment key={kind}>
                <h3 className="settlements-checks-name">{t(`verify.kind.${kind}`)}</h3>
                <ul className="rows settlements-checks">
                  {checks
                    .filter((check) => check.kind === kind)
                    .map((check) => (
                      <CheckLine key={`${check.key} ${check.values.hour ?? ""}`} check={check} />
                    ))}
                </ul>
              </Fragment>
            ))}
            <ul className="rows settlements-checks">
              {done.result.wrongLeaves.map((leaf) => (
                <li key={`${leaf.hour} ${leaf.device} ${leaf.point}`}>
                  <Mark s="act" />
                  <span>
                    {t("verify.wrongLeaf", {
                      hour: format.short(Date.parse(leaf.hour)),
                      device: leaf.device,
                      point: leaf.point,
                    })}
                  </span>
                </li>
              ))}
            </ul>
            <Lookups proof={done.proof} />
          </>
        )}
      </div>
    </div>
  );
}

function CheckLine({ check }: { check: Check }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const { hour, leaves, count, block, energy } = check.values;
  const state = check.ok === null ? "open" : check.ok ? "ok" : "wrong";
  return (
    <li>
      <Mark s={check.ok === null ? "unknown" : check.ok ? "good" : "act"} label={t(`verify.state.${state}`)} />
      <span>
        {t(`verify.check.${check.key}.${state}`, {
          hour: typeof hour === "string" ? format.short(Date.parse(hour)) : "",
          leaves: leaves ?? 0,
          count: Number(count ?? 0),
          block: format.number(Number(block ?? 0)),
          energy: format.number(Number(energy ?? 0)),
        })}
        {check.ok === false && check.values.found && (
          <span className="sub mono">
            {String(check.values.found)} ≠ {String(check.values.expected)}
          </span>
        )}
      </span>
    </li>
  );
}
