import { exactToken } from "../../format/number.ts";

/** An amount of HS as `token` or `tokenParts` wrote it; every decimal for whoever asks, and beside it with `exact`. */
export function Hs({ wei, text, exact, unit }: { wei: bigint; text: string; exact?: boolean; unit?: boolean }) {
  const whole = exactToken(wei);
  return (
    <span className="keep" title={`${whole} HS`}>
      {text}
      {unit && <span className="unit">{"\u00a0HS"}</span>}
      {exact && whole !== text && <span className="sub mono">{whole}</span>}
    </span>
  );
}
