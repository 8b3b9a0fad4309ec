// Numbers, sizes and times as people read them. Pure functions of their arguments.

const count = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** A whole number with separators. */
export const whole = (n) => count.format(n);

/** cpus or gpus, to the thousandth that the cluster counts in. */
export const amount = (n) => decimal.format(n);

/** A size given in MiB, as mem and disk are. */
export function size(mib) {
  if (mib === 0) return "0";
  const units = ["MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (Math.abs(mib) >= 1024 && unit < units.length - 1) {
    mib /= 1024;
    unit++;
  }
  const digits = mib >= 100 || Number.isInteger(mib) ? 0 : mib >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(mib)} ${units[unit]}`;
}

/** A span of seconds, in its two largest units. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** "5 min ago" for a time in seconds since 1970, "" for one that never was. */
export const ago = (at, now) => (at > 0 ? `${span(now - at)} ago` : "");

/** A time in seconds since 1970, in full. */
export const moment = (at) => (at > 0 ? new Date(at * 1000).toLocaleString() : "");

// Control letters, and those that turn the direction of writing: an id must not be able to look like another.
const invisible = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** What may stand in a cell: nothing invisible, and not a thousand letters. */
export function clip(text, most = 160) {
  const plain = text.slice(0, most).replace(invisible, "\ufffd");
  return text.length > most ? `${plain}…` : plain;
}

/** TASK_KILLED_X as "Killed x". */
export function stateLabel(state) {
  const words = state.replace(/^TASK_/, "").replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
