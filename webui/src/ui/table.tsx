// A table of any length: only the rows in sight are part of the document. Rows have one height, so that the place of
// each is known; on a narrow page a row is a card of two lines.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Empty } from "./bits.tsx";
import { narrow } from "./hooks.ts";

export interface Column<R> {
  key: string; name: string;
  cell: (r: R) => ComponentChildren;
  /** By what it is sorted; without it it cannot be. */
  by?: (r: R) => string | number;
  /** A share of the width, as in a grid: "2fr", "7rem". */
  width?: string;
  right?: boolean;
  /** Left out on a narrow page. */
  wide?: boolean;
}

interface Props<R> {
  rows: R[]; columns: Column<R>[]; id: (r: R) => string; label: string; href?: (r: R) => string;
  sort?: string; empty: ComponentChildren; rowHeight?: number; cardHeight?: number;
}

const natural = new Intl.Collator("en", { numeric: true }).compare;

export function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : natural(String(a), String(b));
}

export function Table<R>({ rows, columns, id, label, href, sort = "", empty, rowHeight = 38, cardHeight = 74 }: Props<R>) {
  const [order, setOrder] = useState(sort);
  const card = narrow.value;
  const height = card ? cardHeight : rowHeight;
  const visible = columns.filter((c) => !card || !c.wide);
  const sorted = useMemo(() => sortRows(rows, columns, order), [rows, order]);
  const ref = useRef<HTMLDivElement>(null);
  const [from, to] = useWindow(ref, sorted.length, height);
  const widths = visible.map((c) => c.width ?? "1fr").join(" ");
  const press = (c: Column<R>): void => setOrder(order === c.key ? `-${c.key}` : order === `-${c.key}` ? "" : c.key);
  return (
    <div class={`table ${card ? "cards" : ""}`} role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
      <div class="row head" role="row" style={card ? {} : { gridTemplateColumns: widths }}>
        {visible.map((c) => (
          <span key={c.key} role="columnheader" class={c.right ? "right" : ""} aria-sort={order === c.key ? "ascending" : order === `-${c.key}` ? "descending" : undefined}>
            {c.by ? <button class="sort" onClick={() => press(c)}>{c.name}{order === c.key ? " ↑" : order === `-${c.key}` ? " ↓" : ""}</button> : c.name}
          </span>
        ))}
      </div>
      {sorted.length === 0 ? <>{empty}</> : (
        <div class="rows" ref={ref} role="rowgroup" style={{ height: `${sorted.length * height}px` }}>
          {sorted.slice(from, to).map((r, i) => {
            const inner = visible.map((c) => <span key={c.key} role="cell" class={c.right ? "right" : ""} data-name={c.name}>{c.cell(r)}</span>);
            const style = { top: `${(from + i) * height}px`, height: `${height}px`, ...(card ? {} : { gridTemplateColumns: widths }) };
            return <div class="row" role="row" key={id(r)} style={style} aria-rowindex={from + i + 2} onClick={href && ((e) => follow(e, href(r)))} data-link={href ? "" : undefined}>{inner}</div>;
          })}
        </div>
      )}
    </div>
  );
}

// A click anywhere in a row is one on its link, unless it is on something else or selects text.
function follow(e: MouseEvent, to: string): void {
  if ((e.target as Element).closest("a, button, input") || window.getSelection()?.toString()) return;
  if (e.metaKey || e.ctrlKey) window.open(to, "_blank", "noopener");
  else location.hash = to;
}

function sortRows<R>(rows: R[], columns: Column<R>[], order: string): R[] {
  const down = order.startsWith("-");
  const by = columns.find((c) => c.key === (down ? order.slice(1) : order))?.by;
  if (!by) return rows;
  const keyed = rows.map((r) => ({ r, k: by(r) }));
  keyed.sort((a, b) => (down ? compare(b.k, a.k) : compare(a.k, b.k)));
  return keyed.map((x) => x.r);
}

/** The rows in sight, with some more on both sides. */
function useWindow(ref: { current: HTMLDivElement | null }, count: number, height: number): [number, number] {
  const [range, set] = useState<[number, number]>([0, 40]);
  const measure = (): void => {
    const el = ref.current;
    if (!el) return;
    const top = -el.getBoundingClientRect().top;
    const page = 20;
    const from = Math.max(0, Math.floor((top / height - page / 2) / page) * page);
    const to = Math.min(count, Math.ceil(((top + window.innerHeight) / height + page / 2) / page) * page);
    set((old) => (old[0] === from && old[1] === to ? old : [from, Math.max(from, to)]));
  };
  useLayoutEffect(measure, [count, height]);
  useEffect(() => {
    window.addEventListener("scroll", measure, { passive: true });
    window.addEventListener("resize", measure);
    return () => { window.removeEventListener("scroll", measure); window.removeEventListener("resize", measure); };
  }, [count, height]);
  return range;
}

export function NoRows({ title, children }: { title: string; children?: ComponentChildren }) { return <Empty title={title}>{children}</Empty>; }
