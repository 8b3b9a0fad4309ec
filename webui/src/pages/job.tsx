// One job: when it runs next, what it waits for, and what became of each run.
import { shows } from "../data/calls.ts";
import { amounts, duration, number, stamp, time } from "../data/format.ts";
import { type Job, jobActions, oneJob, type OneJob, type Run } from "../data/jobs.ts";
import { isChronos } from "../data/keepers.ts";
import type { Tone } from "../data/states.ts";
import { agents, frameworks, frameworksAt } from "../data/store.ts";
import type { Framework } from "../data/types.ts";
import { links } from "../route.ts";
import { Ago, Badge, Card, Cli, Empty, Facts, Loading, PageHead, Problem } from "../ui/bits.tsx";
import { Kept } from "../ui/chosen.tsx";
import { confirm, then } from "../ui/dialog.tsx";
import { useFollow } from "../ui/follow.ts";
import { now } from "../ui/hooks.ts";
import { JobState, Last, listenToTasks, Next, runNow, When } from "./jobs.tsx";

export function JobPage({ framework, name }: { framework: string; name: string }) {
  void frameworksAt.value;
  const f = frameworks.get(framework);
  if (!f || !isChronos(f)) return <Empty title="The master does not know this chronos">It never was, or it has ended. <a href="#/jobs">All jobs</a></Empty>;
  return <One f={f} name={name} />;
}

function One({ f, name }: { f: Framework; name: string }) {
  const framework = f.id;
  const x = useFollow({ load: (signal) => oneJob(framework, name, signal), listen: (ring) => listenToTasks(framework, ring), beat: (d: OneJob | null) => (d?.runs.some((r) => !r.outcome) ? 1000 : 2000) }, [framework, name]);
  if (!x.data) return <><PageHead title={name} sub={<Kept by={f} />} />{x.error ? <Problem text={x.error} again={x.again} /> : <Loading what="the job" />}</>;
  const { job, children, runs } = x.data;
  return (
    <>
      <PageHead title={job.name} badge={<JobState j={job} />} sub={<>{job.description && <>{job.description} · </>}<Last j={job} /> · kept <Kept by={f} /></>}
        actions={<Acts job={job} framework={framework} again={x.again} busy={runs.some((r) => !r.outcome)} />} />
      {x.error && <Problem text={x.error} again={x.again} />}
      <div class="columns">
        <Card title="Schedule">
          <Facts list={[
            ["Runs", <When key="w" j={job} framework={framework} />], ["Next", <span key="n"><Next j={job} />{job.next && <span class="quiet"> ({time(stamp(job.next))})</span>}</span>],
            ["May start late by", job.epsilon], ["Retries", number(job.retries)], ["At the same time", job.concurrent ? "runs may overlap" : "one run at a time"],
            ["Successes", number(job.successCount)], ["Failures", job.errorCount > 0 ? <span class="bad-text" key="f">{number(job.errorCount)}{job.errorsSinceLastSuccess > 0 && ` (${job.errorsSinceLastSuccess} since its last success)`}</span> : "0"],
            ["Missed slots", job.missedCount > 0 ? <span class="warn-text" key="m">{number(job.missedCount)}</span> : "0"],
          ]} />
        </Card>
        <div class="stack">
          <Card title="Dependencies"><Chain job={job} children={children} framework={framework} /></Card>
          <Card title="What it runs">
            <Facts list={[
              ["Command", <code key="c" class="wrap">{[job.command, ...(job.arguments ?? [])].join(" ")}</code>], ["Image", job.container?.image], ["User", job.runAsUser], ["Owner", job.owner],
              ["Resources", amounts({ cpus: job.cpus, mem: job.mem, disk: job.disk })], ["At most", job.maxCompletionTime ? duration(job.maxCompletionTime) : undefined], ["Its end", job.async ? "is told by the API" : undefined],
            ]} />
          </Card>
        </div>
        <Card title="Runs" class="span" extra={<span class="quiet">the newest first</span>}>
          {runs.length === 0 ? <Empty title="It has not run yet" /> : <Runs runs={runs} framework={framework} />}
          <Cli line={shows.job(job.name)} />
        </Card>
      </div>
    </>
  );
}

function Acts({ job, framework, again, busy }: { job: Job; framework: string; again: () => void; busy: boolean }) {
  return (
    <>
      <button class="button primary" onClick={() => runNow(framework, job, again)}>Run now</button>
      <button class="button" onClick={() => confirm(job.disabled
        ? { title: `Enable ${job.name}`, verb: "Enable", danger: false, done: `${job.name} is enabled.`, action: then(jobActions.disable(framework, job.name, false), again), text: <p>Its schedule counts again.</p> }
        : { title: `Disable ${job.name}`, verb: "Disable", done: `${job.name} is disabled.`, action: then(jobActions.disable(framework, job.name, true), again), text: <p>Its schedule does not count until it is enabled again. A run that is under way goes on.</p> })}>{job.disabled ? "Enable" : "Disable"}</button>
      {busy && <button class="button danger" onClick={() => confirm({ title: `Kill the tasks of ${job.name}`, verb: "Kill them", done: "Its tasks are killed.", action: then(jobActions.kill(framework, job.name), again), text: <p>Runs that are under way end as killed.</p> })}>Kill tasks</button>}
      <button class="button danger" onClick={() => confirm({ title: `Delete ${job.name}`, verb: "Delete it", done: `${job.name} is deleted.`, action: then(jobActions.remove(framework, job.name), again), text: <p>Its tasks are killed, and its history is forgotten.</p> })}>Delete</button>
    </>
  );
}

/** What it waits for, and what waits for it. */
function Chain({ job, children, framework }: { job: Job; children: Job[]; framework: string }) {
  const parents = job.parents ?? [];
  if (parents.length + children.length === 0) return <Empty title="It stands alone">No job waits for it, and it waits for none.</Empty>;
  const list = (names: string[]) => names.map((n) => <li key={n}><a href={links.job(framework, n)}>{n}</a></li>);
  return (
    <div class="chain">
      {parents.length > 0 && <><ul aria-label="It runs after">{list(parents)}</ul><span class="quiet" aria-hidden="true">→</span></>}
      <b>{job.name}</b>
      {children.length > 0 && <><span class="quiet" aria-hidden="true">→</span><ul aria-label="After it run">{list(children.map((c) => c.name))}</ul></>}
    </div>
  );
}

const outcomes: Record<string, Tone> = { success: "good", failure: "bad", killed: "done", missed: "warn", waiting: "off", launched: "busy", running: "busy", unreachable: "warn", reporting: "busy" };
const kinds: Record<string, string> = { run: "by hand", after: "after its parents" };

function Runs({ runs, framework }: { runs: Run[]; framework: string }) {
  return (
    <div class="scroll"><table class="plain runs" aria-label="Runs">
      <thead><tr><th>Due</th><th>Outcome</th><th class="wide">Began</th><th class="right">Took</th><th>Task</th><th class="wide">Host</th><th>Why</th></tr></thead>
      <tbody>{runs.map((r) => {
        const last = r.tries?.at(-1), says = r.outcome ?? r.phase, began = stamp(last?.started), ended = stamp(last?.ended);
        return (
          <tr key={`${r.due} ${r.kind ?? ""}`}>
            <td title={time(stamp(r.due))}><Ago at={stamp(r.due)} /></td>
            <td><Badge tone={outcomes[says] ?? "off"}>{r.count && r.count > 1 ? `${says} ${r.count} times` : says}</Badge></td>
            <td class="wide">{kinds[r.kind ?? ""] ?? "by its schedule"}</td>
            <td class="right">{began ? duration((ended || now.value) - began) : "—"}</td>
            <td class="run-task">{last ? <a href={links.task(framework, last.taskId)}>{last.taskId}</a> : "—"}{(r.tries?.length ?? 0) > 1 && <span class="quiet"> try {r.tries!.length}</span>}</td>
            <td class="wide">{last ? agents.has(last.agentId) ? <a href={links.agent(last.agentId)}>{last.host}</a> : last.host : "—"}</td>
            <td>{r.reason ?? (last?.message && says !== "success" ? last.message : "")}</td>
          </tr>
        );
      })}</tbody>
    </table></div>
  );
}
