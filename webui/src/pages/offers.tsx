// Offers that nobody has answered: who sits on what, and for how long.
import { useMemo } from "preact/hooks";
import { actions, shows } from "../data/calls.ts";
import { amounts, duration, shortID, time } from "../data/format.ts";
import { frameworks, hostName, offered, offers, offersAt } from "../data/store.ts";
import type { Offer } from "../data/types.ts";
import { links } from "../route.ts";
import { Badge, PageHead } from "../ui/bits.tsx";
import { confirm } from "../ui/dialog.tsx";
import { now, useChanges } from "../ui/hooks.ts";
import { type Column, compare, NoRows, Table } from "../ui/table.tsx";

const host = (o: Offer): string => hostName(o.agent) || shortID(o.agent);
const of = (o: Offer): string => frameworks.get(o.framework)?.name ?? shortID(o.framework);

function Age({ o }: { o: Offer }) {
  if (!o.made) return <>—</>;
  const age = now.value - o.made;
  return <span class={age > 60 ? "warn-text" : ""} title={time(o.made)}>{duration(age)}</span>;
}

function rescind(o: Offer): void {
  confirm({
    title: "Rescind this offer", verb: "Rescind", done: "The offer was taken back.", action: actions.rescind(o.id),
    text: <p>{amounts(o.res)} on <b>{host(o)}</b> are taken back from <b>{of(o)}</b>, which is told. It is not offered that again for 30 s, so that others get it.</p>,
  });
}

const columns: Column<Offer>[] = [
  { key: "framework", name: "Framework", width: "minmax(0, 1.3fr)", by: of, cell: (o) => <a class="name" href={links.framework(o.framework)}>{of(o)}</a> },
  { key: "role", name: "Role", width: "minmax(0, 0.8fr)", by: (o) => o.role ?? "", cell: (o) => (o.inverse ? <Badge tone="warn" title="The framework is asked to leave the agent by a time.">inverse</Badge> : o.role) },
  { key: "agent", name: "Agent", width: "minmax(0, 1.2fr)", by: host, cell: (o) => <a href={links.agent(o.agent)}>{host(o)}</a> },
  { key: "res", name: "Resources", width: "minmax(0, 2fr)", wide: true, by: (o) => o.res.cpus ?? 0, cell: (o) => (o.inverse ? <span class="quiet">asked to leave by {time(o.inverse.from)}</span> : amounts(o.res)) },
  { key: "id", name: "Offer", width: "minmax(0, 1fr)", wide: true, by: (o) => o.id, cell: (o) => <span class="id" title={o.id}>{shortID(o.id)}</span> },
  { key: "age", name: "Age", width: "7rem", right: true, by: (o) => -(o.made ?? 0), cell: (o) => <Age o={o} /> },
  { key: "act", name: "", width: "6rem", right: true, cell: (o) => !o.inverse && <button class="button small" onClick={() => rescind(o)}>Rescind</button> },
];

export function OffersPage() {
  const at = useChanges(100, offersAt);
  const rows = useMemo(() => [...offers.values()].sort((a, b) => (a.made ?? Infinity) - (b.made ?? Infinity) || compare(a.id, b.id)), [at]);
  return (
    <>
      <PageHead title="Offers" sub={offered.all.count > 0 ? `${amounts(offered.all.amounts)} are held out to frameworks that have not answered.` : "What is held out to frameworks that have not answered."} cli={shows.offers()} />
      <Table rows={rows} columns={columns} id={(o) => o.id} label="Offers" cardHeight={92}
        empty={<NoRows title="No offer is outstanding">Frameworks answered all of them, or nothing is free. <a href="#/why">Ask why</a> somebody gets none.</NoRows>} />
    </>
  );
}
