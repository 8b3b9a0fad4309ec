// What one container uses, as four charts.
import { bytes, number } from "../data/format.ts";
import { Chart } from "./chart.tsx";
import type { Point, Usage } from "./charts_over.tsx";

const rate = (n: number): string => `${bytes(n)}/s`;

export function UsageCharts({ u, cpus, mem }: { u: Usage; cpus: number | undefined; mem: number | undefined }) {
  const t = u.points.map((p) => p.at);
  const col = (f: (p: Point) => number | null): (number | null)[] => u.points.map(f);
  const last = u.points.at(-1);
  const measured = (f: (p: Point) => number | null): boolean => u.points.some((p) => f(p) !== null);
  if (!last) return <p class="loading" role="status">Measuring…</p>;
  return (
    <div class="usage-charts">
      <figure>
        <figcaption>CPU <b>{number(last.cpus)}</b>{cpus ? ` of ${number(cpus)}` : ""}</figcaption>
        <Chart times={t} data={[col((p) => p.cpus)]} series={[{ name: "cpus", color: "--used" }]} format={number} label={`CPUs used: ${number(last.cpus)}`} max={cpus} span={120} />
      </figure>
      <figure>
        <figcaption>Memory <b>{bytes(last.mem)}</b>{mem ? ` of ${bytes(mem)}` : ""}</figcaption>
        <Chart times={t} data={[col((p) => p.mem)]} series={[{ name: "resident", color: "--used" }]} format={bytes} binary label={`Memory used: ${bytes(last.mem)}`} max={mem} span={120} />
      </figure>
      <figure>
        <figcaption>Network {measured((p) => p.rx) && <b>{rate((last.rx ?? 0) + (last.tx ?? 0))}</b>}</figcaption>
        {measured((p) => p.rx)
          ? <Chart times={t} data={[col((p) => p.rx), col((p) => p.tx)]} series={[{ name: "in", color: "--used" }, { name: "out", color: "--offered", fill: false }]} format={rate} binary label="Network bytes in and out per second" span={120} />
          : <Unmeasured by="ebpf/network" />}
      </figure>
      <figure>
        <figcaption>Disk IO {measured((p) => p.read) && <b>{rate((last.read ?? 0) + (last.write ?? 0))}</b>}</figcaption>
        {measured((p) => p.read)
          ? <Chart times={t} data={[col((p) => p.read), col((p) => p.write)]} series={[{ name: "read", color: "--used" }, { name: "written", color: "--offered", fill: false }]} format={rate} binary label="Disk bytes read and written per second" span={120} />
          : <Unmeasured by="ebpf/io" />}
      </figure>
    </div>
  );
}

/** Says how an agent comes to count what it does not. */
function Unmeasured({ by }: { by: string }) {
  return <p class="unmeasured"><span>Not counted on this agent. Containers that it starts are, when <code>{by}</code>, or <code>ebpf/all</code>, is in its <code>--isolation</code>.</span></p>;
}
