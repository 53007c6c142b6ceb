import { Link, type LinkProps } from "@remix-run/react";
import type { ButtonHTMLAttributes } from "react";

type Look = { primary?: boolean; quiet?: boolean; small?: boolean };
const classes = ({ primary, quiet, small }: Look) =>
  ["btn", primary && "primary", quiet && "quiet", small && "small"].filter(Boolean).join(" ");

/** A button in ink. `primary` once a page. */
export function Button({
  primary,
  quiet,
  small,
  type = "submit",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & Look) {
  return (
    <button
      type={type}
      className={classes({ ...(primary && { primary }), ...(quiet && { quiet }), ...(small && { small }) })}
      {...rest}
    />
  );
}

/** A link that looks like a button. */
export function ButtonLink({ primary, quiet, small, ...rest }: LinkProps & Look) {
  return (
    <Link
      className={classes({ ...(primary && { primary }), ...(quiet && { quiet }), ...(small && { small }) })}
      {...rest}
    />
  );
}
