import type { ReactNode } from "react";

export type Column<Row> = {
  key: string;
  head: ReactNode;
  /** Name of the cell on a card; needed where `head` is not plain text. */
  label?: string;
  /** Right-aligned. */
  num?: boolean;
  /** Takes the whole width of a card. */
  full?: boolean;
  className?: string;
  /** Set on the column by which the rows stand in order. */
  sort?: "ascending" | "descending";
  cell: (row: Row) => ReactNode;
};

type DataTableProps<Row> = {
  /** Read out; not shown. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  selected?: (row: Row) => boolean;
  /** Becomes cards below 1060 px of panel (wide tables) instead of 560. */
  early?: boolean;
  className?: string;
  foot?: ReactNode;
};

/** The first column is the row's head. Below 560 px of panel each row becomes a card. Roles are restated: grid drops them. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  selected,
  early,
  className,
  foot,
}: DataTableProps<Row>) {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: display:grid on a row takes its table role away
    <table role="table" className={["cards", early && "early", className].filter(Boolean).join(" ")}>
      <caption className="vh">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th
              key={column.key}
              scope="col"
              role="columnheader"
              className={column.num ? "num" : undefined}
              aria-sort={column.sort}
            >
              {column.head}
              {column.sort && <span aria-hidden="true"> {column.sort === "descending" ? "↓" : "↑"}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row" aria-selected={selected?.(row) || undefined}>
            {columns.map((column, index) => {
              const className =
                [column.num && "num", column.full && "full", column.className].filter(Boolean).join(" ") || undefined;
              const label = column.label ?? (typeof column.head === "string" ? column.head : undefined);
              return index === 0 ? (
                <th key={column.key} scope="row" role="rowheader" className={className}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.key} role="cell" className={className} data-l={label}>
                  {column.cell(row)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
      {foot && <tfoot role="rowgroup">{foot}</tfoot>}
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above
  );
}
