/** A hash or address: its ends to compare at a glance, the whole to read out, copy and search. */
export function Hash({ value, label }: { value: string; label?: string }) {
  return (
    <span className="mono settlements-hash" title={value}>
      <span aria-hidden="true">{value.length > 20 ? `${value.slice(0, 10)}…${value.slice(-6)}` : value}</span>
      <span className="vh">
        {label ? `${label} ` : ""}
        {value}
      </span>
    </span>
  );
}
