// Charts over time, by uPlot, in the colours of the page.
import uPlot from "uplot";
import { useEffect, useRef } from "preact/hooks";
import { theme } from "./theme.ts";

export interface Series { name: string; color: string; fill?: boolean; dash?: number[] }

interface Props { times: number[]; data: (number | null)[][]; series: Series[]; height?: number; format: (n: number) => string; label: string; max?: number | undefined; axes?: boolean; span?: number; binary?: boolean }

const powers = Array.from({ length: 60 }, (_, i) => 2 ** i);

function clock(at: number, span: number | undefined): string {
  const d = new Date(at * 1000), two = (n: number): string => String(n).padStart(2, "0");
  return `${two(d.getHours())}:${two(d.getMinutes())}${span ? `:${two(d.getSeconds())}` : ""}`;
}

export function color(name: string): string { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

export function Chart({ times, data, series, height = 120, format, label, max, axes = true, span, binary = false }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef({ times, data, max, span });
  newest.current = { times, data, max, span };
  const dark = theme.value;
  useEffect(() => {
    const el = ref.current!;
    const grid = { stroke: color("--line-soft"), width: 1 };
    const text = { stroke: color("--quiet"), font: "11px system-ui, sans-serif" };
    const axis = { ...text, grid, ticks: { show: false } };
    const u = new uPlot({
      width: el.clientWidth || 300, height,
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      legend: { show: axes, live: true },
      padding: [8, axes ? 22 : 8, 0, 0], // the last time on the axis needs room,
      scales: {
        x: { time: true, range: (_u, lo, hi) => [newest.current.span ? hi - newest.current.span : Math.min(lo, hi - 600), hi] },
        y: { range: (_u, _lo, hi) => [0, Math.max(newest.current.max ?? 0, hi * 1.08, 1e-9)] },
      },
      axes: axes ? [{ ...axis, size: 24, space: 70, values: (_u, list) => list.map((v) => clock(v, newest.current.span)) }, { ...axis, size: 62, space: 32, ...(binary ? { incrs: powers } : {}), values: (_u, list) => list.map((v) => format(v)) }] : [{ show: false }, { show: false }],
      series: [{ label: "at", value: (_u: uPlot, v: number | null) => (v === null ? "–" : clock(v, 1)) }, ...series.map((s) => ({
        label: s.name, stroke: color(s.color), width: 1.5, points: { show: false },
        ...(s.fill === false ? {} : { fill: `${color(s.color)}30` }),
        ...(s.dash ? { dash: s.dash } : {}),
        value: (_u: uPlot, v: number | null) => (v === null ? "–" : format(v)),
      }))],
    }, [newest.current.times, ...newest.current.data] as uPlot.AlignedData, el);
    plot.current = u;
    const watch = new ResizeObserver(() => u.setSize({ width: el.clientWidth, height }));
    watch.observe(el);
    return () => { watch.disconnect(); u.destroy(); plot.current = null; };
  }, [dark, height, series.map((s) => s.name).join()]);
  useEffect(() => { plot.current?.setData([times, ...data] as uPlot.AlignedData); });
  return <div class="chart" ref={ref} role="img" aria-label={label} />;
}

/** A line of the last values, without axes. */
export function Spark({ values, color: name = "--used", label, max }: { values: number[]; color?: string; label: string; max?: number }) {
  const top = Math.max(max ?? 0, ...values, 1e-9);
  const n = Math.max(values.length - 1, 1);
  const points = values.map((v, i) => `${((i / n) * 100).toFixed(1)},${(26 - (v / top) * 24).toFixed(1)}`).join(" ");
  return (
    <svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label={label}>
      {values.length > 1 && <><polygon points={`0,28 ${points} 100,28`} fill={`var(${name})`} opacity="0.16" /><polyline points={points} fill="none" stroke={`var(${name})`} stroke-width="1.5" vector-effect="non-scaling-stroke" /></>}
    </svg>
  );
}
