import type { ReactNode } from 'react';

/** What a legend says of a line or a band. */
export interface LegendEntry {
  readonly name: string;
  /** A design token, such as `--measured`. */
  readonly color: string;
  readonly dashed?: boolean;
}

/** What stands above a chart: its title, its legend, the way to its table, and more actions as `children`. */
export function ChartHead({
  id,
  title,
  lines,
  bands,
  table,
  onTable,
  tableWord,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly LegendEntry[];
  readonly bands: readonly LegendEntry[];
  /** Whether the table is shown. */
  readonly table: boolean;
  readonly onTable: (shown: boolean) => void;
  readonly tableWord: string;
  readonly children?: ReactNode;
}) {
  return (
    <figcaption id={id}>
      <strong>{title}</strong>
      <span className="legend">
        {lines.map(({ name, color, dashed }) => (
          <Entry key={name} name={name} color={color} mark={dashed ? '╌' : '━'} />
        ))}
        {bands.map(({ name, color }) => (
          <Entry key={name} name={name} color={color} mark="▒" />
        ))}
      </span>
      <span className="chart-actions">
        <button type="button" className="link" aria-pressed={table} onClick={() => onTable(!table)}>
          {tableWord}
        </button>
        {children}
      </span>
    </figcaption>
  );
}

function Entry({ name, color, mark }: { readonly name: string; readonly color: string; readonly mark: string }) {
  return (
    <span style={{ color: `var(${color})` }}>
      <span aria-hidden="true">{mark} </span>
      {name}
    </span>
  );
}
