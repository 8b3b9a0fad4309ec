// Sums that follow every change without adding everything up again: exact, in thousandths.
import { type Amounts, type Kind, kinds } from "./types.ts";

/** What is put into several sums is made whole once. */
export interface Thousandths { cpus: number; mem: number; disk: number; gpus: number }

export function thousandths(a: Amounts): Thousandths {
  const of = (n: number | undefined): number => (n ? Math.round(n * 1000) : 0);
  return { cpus: of(a.cpus), mem: of(a.mem), disk: of(a.disk), gpus: of(a.gpus) };
}

export class Sum {
  cpus = 0; mem = 0; disk = 0; gpus = 0; count = 0;

  add(a: Amounts, sign: 1 | -1 = 1): void { this.put(thousandths(a), sign); }

  put(a: Thousandths, sign: 1 | -1): void {
    this.cpus += sign * a.cpus;
    this.mem += sign * a.mem;
    this.disk += sign * a.disk;
    this.gpus += sign * a.gpus;
    this.count += sign;
  }

  plus(o: Sum): void {
    for (const k of kinds) this[k] += o[k];
    this.count += o.count;
  }

  get(k: Kind): number { return this[k] / 1000; }

  get amounts(): Amounts { return { cpus: this.get("cpus"), mem: this.get("mem"), disk: this.get("disk"), gpus: this.get("gpus") }; }

  /** The largest share that this is of a whole, 0 to 1: what fairness compares. */
  shareOf(whole: Sum): number {
    return Math.max(0, ...kinds.map((k) => (whole[k] > 0 ? this[k] / whole[k] : 0)));
  }
}

/** Sums by a key; a sum of nothing is forgotten. */
export class Sums extends Map<string, Sum> {
  change(key: string, a: Thousandths, sign: 1 | -1): void {
    let s = this.get(key);
    if (!s) this.set(key, (s = new Sum()));
    s.put(a, sign);
    if (s.count === 0) this.delete(key);
  }

  of(key: string): Sum { return this.get(key) ?? nothing; }
}

const nothing = Object.freeze(new Sum());

export function sumOf(rows: Iterable<{ res: Amounts }>): Sum {
  const s = new Sum();
  for (const r of rows) s.add(r.res);
  return s;
}
