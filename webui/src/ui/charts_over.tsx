// Values that are measured while the page is open: counters become rates.
import { useRef, useState } from "preact/hooks";
import { containers, type Container } from "../data/agent.ts";
import { useTicks } from "./hooks.ts";

export interface Point { at: number; cpus: number; mem: number; rx: number | null; tx: number | null; read: number | null; write: number | null }

export interface Usage { container: Container; points: Point[] }

const most = 300;

/** What the containers of an agent use, measured every second. */
export function useUsage(agent: string, keep: (c: Container) => boolean = () => true): { list: Usage[]; error: string | null; ready: boolean } {
  const seen = useRef(new Map<string, Usage>());
  const [state, set] = useState<{ list: Usage[]; error: string | null; ready: boolean }>({ list: [], error: null, ready: false });
  useTicks(async (signal) => {
    try {
      const list = (await containers(agent, signal)).filter(keep);
      const next = new Map<string, Usage>();
      for (const c of list) next.set(c.container_id, measured(seen.current.get(c.container_id), c));
      seen.current = next;
      set({ list: [...next.values()], error: null, ready: true });
    } catch (e) {
      if (!signal.aborted) set((s) => ({ ...s, error: e instanceof Error ? e.message : String(e), ready: true }));
    }
  }, 1000, [agent]);
  return state;
}

function measured(old: Usage | undefined, c: Container): Usage {
  const now = c.statistics, before = old?.container.statistics;
  if (!now) return { container: c, points: old?.points ?? [] };
  const seconds = before ? now.timestamp - before.timestamp : 0;
  if (!before || seconds <= 0) return { container: c, points: old?.points ?? [] };
  const cpu = (s: typeof now): number => (s.cpus_user_time_secs ?? 0) + (s.cpus_system_time_secs ?? 0);
  const rate = (a: number | undefined, b: number | undefined): number | null => (a === undefined || b === undefined ? null : Math.max(0, (b - a) / seconds));
  const io = (s: typeof now, op: "read" | "write"): number | undefined => (op === "read" ? s.disk_read_bytes : s.disk_write_bytes) ?? blockBytes(s.blkio_statistics, op);
  const p: Point = {
    at: now.timestamp, cpus: Math.max(0, (cpu(now) - cpu(before)) / seconds), mem: now.mem_rss_bytes ?? now.mem_total_bytes ?? 0,
    rx: rate(before.net_rx_bytes, now.net_rx_bytes), tx: rate(before.net_tx_bytes, now.net_tx_bytes),
    read: rate(io(before, "read"), io(now, "read")), write: rate(io(before, "write"), io(now, "write")),
  };
  return { container: c, points: [...(old?.points ?? []).slice(-most + 1), p] };
}

interface BlockEntry { device?: unknown; io_service_bytes?: { op?: string; value?: number }[] }

/** Bytes of all devices, of Mesos's statistics of block devices; 0 of a container that is counted and did nothing yet. */
function blockBytes(stats: unknown, op: "read" | "write"): number | undefined {
  const s = stats as { throttling?: BlockEntry[]; cfq?: BlockEntry[]; cfq_recursive?: BlockEntry[] } | undefined;
  const list = [s?.throttling, s?.cfq_recursive, s?.cfq].find((l) => l?.some((e) => e.io_service_bytes?.length));
  if (!list) return s && 0;
  const rows = list.filter((e) => e.io_service_bytes?.length);
  const whole = rows.filter((e) => !e.device); // the sum over all devices, where there is one
  return (whole.length > 0 ? whole : rows).flatMap((e) => e.io_service_bytes ?? []).filter((v) => v.op?.toLowerCase() === op).reduce((n, v) => n + (v.value ?? 0), 0);
}
