import { Fragment } from "react";

/** Writes E_DC and E_IT in a text as symbols with their index below the line. */
export function Symbols({ text }: { text: string }) {
  return text.split(/(E_[A-Z]+)/).map((part, index) =>
    part.startsWith("E_") ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in order
      <Fragment key={index}>
        E<sub>{part.slice(2)}</sub>
      </Fragment>
    ) : (
      part
    ),
  );
}
