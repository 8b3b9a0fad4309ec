// Numbers, sizes and times as people read them.
import type { Amounts, Kind } from "./types.ts";

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const round = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function number(n: number): string { return n >= 100 ? round.format(n) : plain.format(n); }

const units = ["MB", "GB", "TB", "PB"];

/** Megabytes, as resources count them: 1536 is 1.5 GB. */
export function megabytes(mb: number): string {
  let i = 0;
  while (mb >= 1024 && i < units.length - 1) { mb /= 1024; i++; }
  return `${mb >= 100 ? round.format(mb) : new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(mb)} ${units[i]}`;
}

export function bytes(n: number): string { return n < 1024 ? `${round.format(n)} B` : n < 1024 * 1024 ? `${number(n / 1024)} kB` : megabytes(n / 1024 / 1024); }

export function amount(kind: Kind, n: number): string { return kind === "mem" || kind === "disk" ? megabytes(n) : number(n); }

export const kindNames: Record<Kind, string> = { cpus: "CPUs", mem: "Memory", disk: "Disk", gpus: "GPUs" };
const short: Record<Kind, string> = { cpus: "cpus", mem: "mem", disk: "disk", gpus: "gpus" };

/** "2 cpus, 4 GB mem"; "nothing" for nothing. */
export function amounts(a: Amounts): string {
  const parts = (Object.keys(short) as Kind[]).filter((k) => a[k]).map((k) => `${amount(k, a[k]!)} ${short[k]}`);
  return parts.join(", ") || "nothing";
}

export function percent(share: number): string {
  const p = share * 100;
  return `${p > 0 && p < 9.95 ? p.toFixed(1) : Math.round(p)} %`;
}

/** "42 s", "5 min", "3 h 10 min", "12 d". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s < 600 && s % 60 ? ` ${s % 60} s` : ""}`;
  if (s < 86400) return `${Math.floor(s / 3600)} h${s % 3600 >= 60 ? ` ${Math.floor((s % 3600) / 60)} min` : ""}`;
  const d = Math.floor(s / 86400);
  return `${d} d${d < 10 && s % 86400 >= 3600 ? ` ${Math.floor((s % 86400) / 3600)} h` : ""}`;
}

export function ago(at: number, now: number): string { return at > 0 ? `${duration(now - at)} ago` : "—"; }

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function time(at: number): string { return at > 0 ? clock.format(new Date(at * 1000)) : "—"; }

/** The end of a long id, which is what tells it from others of the same master. */
export function shortID(id: string): string {
  const m = /^[0-9a-f]{8}-[0-9a-f-]{27}-(.+)$/.exec(id);
  return m ? `…${id.slice(4, 8)}-${m[1]}` : id;
}

export function plural(n: number, one: string, many = `${one}s`): string { return `${number(n)} ${n === 1 ? one : many}`; }

/** Seconds since 1970 of a time as ISO 8601 writes it, 0 for none. */
export const stamp = (text: string | undefined | null): number => (text ? Date.parse(text) / 1000 : 0);
