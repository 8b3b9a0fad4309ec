// Jobs that chronos runs at their times, or after each other.
import { useMemo, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import { shows } from "../data/calls.ts";
import { duration, number, plural, stamp, time } from "../data/format.ts";
import { type Job, jobActions, jobs, when } from "../data/jobs.ts";
import { isChronos } from "../data/keepers.ts";
import { score, words } from "../data/search.ts";
import { liveOf, tasksAt } from "../data/store.ts";
import type { Framework } from "../data/types.ts";
import { links, route, setQuery } from "../route.ts";
import { Ago, Badge, Card, Cli, Empty, Loading, PageHead, Problem } from "../ui/bits.tsx";
import { Choice, chosen, Kept, known, Missing } from "../ui/chosen.tsx";
import { confirm, then } from "../ui/dialog.tsx";
import { useFollow } from "../ui/follow.ts";
import { now } from "../ui/hooks.ts";
import { type Column, NoRows, Table } from "../ui/table.tsx";

export function JobsPage() {
  const list = known(isChronos), f = chosen(list);
  if (!f) return <><PageHead title="Jobs" /><Missing title="No chronos is subscribed" program="chronos">Chronos runs jobs at their times, or after each other, and says what became of each run.</Missing></>;
  return <Of key={f.id} f={f} list={list} />;
}

/** Rings when tasks of a framework begin or end: chronos sends no events. */
export function listenToTasks(framework: string, ring: () => void): () => void {
  let before = liveOf.get(framework);
  return effect(() => {
    void tasksAt.value;
    const live = liveOf.get(framework);
    if (live !== before) ring();
    before = live;
  });
}

function Of({ f, list }: { f: Framework; list: Framework[] }) {
  const [find, setFind] = useState(route.value.query.get("find") ?? "");
  const x = useFollow({ load: (signal) => jobs(f.id, signal), listen: (ring) => listenToTasks(f.id, ring), beat: () => 2000 }, [f.id]);
  const rows = useMemo(() => {
    const q = words(find);
    return (x.data ?? []).filter((j) => q.length === 0 || score(q, [j.name.toLowerCase()], `${j.command} ${j.description ?? ""} ${j.state} ${when(j)}`.toLowerCase()) > 0);
  }, [x.data, find]);
  const columns = useMemo(() => columnsOf(f.id, x.again), [f.id]);
  return (
    <>
      <PageHead title="Jobs" cli={shows.jobs()} sub={<>{x.data ? `${plural(x.data.length, "job")}, ${plural(x.data.filter((j) => j.state.endsWith("running")).length, "of them running", "of them running")}, kept ` : "Kept "}<Kept by={f} /></>} />
      <Choice list={list} now={f} />
      {x.error && <Problem text={x.error} again={x.again} />}
      {!x.data && !x.error && <Loading what="the jobs" />}
      {x.data?.length === 0 && <Card><Empty title="No job has been added yet">
        Write one down, like <code>{`{"name": "backup", "command": "tar czf /backup/etc.tgz /etc", "schedule": "0 3 * * *"}`}</code>, and add the file:
        <Cli line={`mesos job add${location.host === "127.0.0.1:5050" ? "" : ` --master=${location.host}`} backup.json`} label="Add a job" /></Empty></Card>}
      {x.data && x.data.length > 0 && <>
        <div class="filters"><input type="search" class="find" placeholder="Find by name, command, schedule…" aria-label="Find jobs" value={find} autocomplete="off" spellcheck={false}
          onInput={(e) => { setFind(e.currentTarget.value); setQuery({ find: e.currentTarget.value }); }} /></div>
        <Table rows={rows} columns={columns} id={(j) => j.name} href={(j) => links.job(f.id, j.name)} label="Jobs" cardHeight={104} empty={<NoRows title="No job has all of that" />} />
      </>}
    </>
  );
}

export function JobState({ j }: { j: Job }) {
  if (j.state.endsWith("running")) return <Badge tone="good">{j.state === "1 running" ? "running" : j.state}</Badge>;
  if (j.disabled) return <Badge tone="off" title="Its schedule does not count.">disabled</Badge>;
  if (j.state === "queued") return <Badge tone="busy" title="A run is due, and waits for an offer.">queued</Badge>;
  return <Badge tone="done" title="No run is under way.">idle</Badge>;
}

/** How its last run ended. */
export function Last({ j }: { j: Job }) {
  const good = stamp(j.lastSuccess), bad = stamp(j.lastError);
  if (!good && !bad) return <span class="quiet">never ran</span>;
  return bad > good ? <span class="bad-text">failed <Ago at={bad} /></span> : <>succeeded <Ago at={good} /></>;
}

export function Next({ j }: { j: Job }) {
  const at = stamp(j.next);
  if (!at) return <span class="quiet">{j.disabled ? "disabled" : j.parents?.length ? "after others" : "never again"}</span>;
  return <time dateTime={j.next} title={time(at)}>{at > now.value ? `in ${duration(at - now.value)}` : "now"}</time>;
}

export function runNow(framework: string, j: Job, again: () => void): void {
  confirm({ title: `Run ${j.name} now`, verb: "Run it", danger: false, done: `${j.name} runs.`, action: then(jobActions.run(framework, j.name), again), text: <p>It runs once more, besides its schedule. <code class="wrap">{j.command}</code></p> });
}

function columnsOf(framework: string, again: () => void): Column<Job>[] {
  return [
    { key: "name", name: "Job", width: "minmax(0, 1.4fr)", by: (j) => j.name, cell: (j) => <a class="name" href={links.job(framework, j.name)}>{j.name}</a> },
    { key: "state", name: "State", width: "7.5rem", by: (j) => j.state, cell: (j) => <JobState j={j} /> },
    { key: "when", name: "When", width: "minmax(0, 1.5fr)", wide: true, by: when, cell: (j) => <When j={j} framework={framework} /> },
    { key: "next", name: "Next run", width: "8rem", by: (j) => j.next || "9", cell: (j) => <Next j={j} /> },
    { key: "last", name: "Last run", width: "minmax(9.5rem, 1.1fr)", by: (j) => -Math.max(stamp(j.lastSuccess), stamp(j.lastError)), cell: (j) => <Last j={j} /> },
    { key: "good", name: "Successes", width: "6rem", right: true, wide: true, by: (j) => j.successCount, cell: (j) => number(j.successCount) },
    { key: "bad", name: "Failures", width: "5.5rem", right: true, wide: true, by: (j) => j.errorCount, cell: (j) => (j.errorCount > 0 ? <span class="bad-text">{number(j.errorCount)}</span> : "0") },
    { key: "missed", name: "Missed", width: "5rem", right: true, wide: true, by: (j) => j.missedCount, cell: (j) => (j.missedCount > 0 ? <span class="warn-text">{number(j.missedCount)}</span> : "0") },
    { key: "act", name: "", width: "6.5rem", right: true, cell: (j) => <button class="button small" onClick={() => runNow(framework, j, again)} aria-label={`Run ${j.name} now`}>Run now</button> },
  ];
}

export function When({ j, framework }: { j: Job; framework: string }) {
  if (!j.parents?.length) return <span title={when(j)}>{when(j)}</span>;
  return <>after {j.parents.map((p, i) => <span key={p}>{i > 0 && ", "}<a href={links.job(framework, p)}>{p}</a></span>)}</>;
}
