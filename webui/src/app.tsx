// The frame around every page: where one can go, whether the master is there, and the keys.
import { useEffect } from "preact/hooks";
import { link, others } from "./data/feed.ts";
import { duration, number } from "./data/format.ts";
import { agents, agentsAt, frameworks, frameworksAt, liveOf, master, offers, offersAt, summary, tasksAt } from "./data/store.ts";
import { route } from "./route.ts";
import { AgentPage } from "./pages/agent.tsx";
import { AgentsPage } from "./pages/agents.tsx";
import { FrameworkPage } from "./pages/framework.tsx";
import { FrameworksPage } from "./pages/frameworks.tsx";
import { showHelp } from "./pages/help.tsx";
import { MaintenancePage } from "./pages/maintenance.tsx";
import { OffersPage } from "./pages/offers.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { RolesPage } from "./pages/roles.tsx";
import { TaskPage } from "./pages/task.tsx";
import { TasksPage } from "./pages/tasks.tsx";
import { WhyPage } from "./pages/whypage.tsx";
import { Empty } from "./ui/bits.tsx";
import { Dialog, dialogOpen } from "./ui/dialog.tsx";
import { now } from "./ui/hooks.ts";
import { Icon } from "./ui/icons.tsx";
import { lazy } from "./ui/lazy.tsx";
import { showSearch } from "./ui/palette.tsx";
import { theme, toggleTheme } from "./ui/theme.ts";
import { Toast } from "./ui/toast.tsx";

// Few go there first: these pages wait until somebody does.
const ServicesPage = lazy(() => import("./pages/services.tsx").then((m) => m.ServicesPage));
const ServicePage = lazy(() => import("./pages/service.tsx").then((m) => m.ServicePage));
const PodPage = lazy(() => import("./pages/pod.tsx").then((m) => m.PodPage));
const JobsPage = lazy(() => import("./pages/jobs.tsx").then((m) => m.JobsPage));
const JobPage = lazy(() => import("./pages/job.tsx").then((m) => m.JobPage));

const places: { key: string; name: string; letter: string; count?: () => number }[] = [
  { key: "overview", name: "Overview", letter: "o" },
  { key: "tasks", name: "Tasks", letter: "t", count: () => { void tasksAt.value; let n = 0; for (const c of liveOf.values()) n += c; return n; } },
  { key: "agents", name: "Agents", letter: "a", count: () => { void agentsAt.value; return agents.size; } },
  { key: "frameworks", name: "Frameworks", letter: "f", count: () => { void frameworksAt.value; let n = 0; for (const f of frameworks.values()) if (f.state !== "completed") n++; return n; } },
  { key: "services", name: "Services", letter: "s" },
  { key: "jobs", name: "Jobs", letter: "j" },
  { key: "roles", name: "Roles", letter: "r" },
  { key: "offers", name: "Offers", letter: "e", count: () => { void offersAt.value; return offers.size; } },
  { key: "maintenance", name: "Maintenance", letter: "m" },
  { key: "why", name: "Why?", letter: "w" },
];

export function App() {
  const { path } = route.value;
  const at = path[0] === "pods" ? "services" : path[0] ?? "overview"; // where pods stand
  useEffect(() => {
    const name = places.find((p) => p.key === at)?.name ?? "Mesos";
    document.title = `${path[1] ? `${path.at(-1)!.slice(0, 40)} · ` : ""}${name} · ${master.value?.cluster ?? "Mesos"}`;
  }, [path.join("/"), master.value?.cluster]);
  useEffect(() => {
    const show = (): void => document.querySelector(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    show();
    addEventListener("resize", show); // a phone that is turned
    return () => removeEventListener("resize", show);
  }, [at]);
  useKeys();
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to the page</a>
      <TopBar />
      <div class="frame">
        <nav class="places" aria-label="Pages">
          {places.map((p) => <a key={p.key} href={`#/${p.key === "overview" ? "" : p.key}`} aria-current={p.key === at ? "page" : undefined}><Icon name={p.key} /><span>{p.name}</span>{p.count && <Count of={p.count} />}</a>)}
        </nav>
        <main id="main" tabIndex={-1}>
          <Lost />
          {master.value && (!summary.value || at === "overview") ? <Page key={`${at}/${path[1] ?? ""}/${path[2] ?? ""}`} path={path} /> : <First />}
        </main>
      </div>
      <Dialog />
      <Toast />
    </>
  );
}

function Count({ of }: { of: () => number }) {
  const n = of();
  return n > 0 && master.value && !summary.value ? <span class="count">{number(n)}</span> : null;
}

function Page({ path }: { path: string[] }) {
  const [at = "overview", a, b, c] = path;
  switch (at) {
    case "overview": return <OverviewPage />;
    case "tasks": return a !== undefined && b !== undefined ? <TaskPage framework={a} id={b} tab={c ?? ""} /> : <TasksPage />;
    case "agents": return a !== undefined ? <AgentPage id={a} /> : <AgentsPage />;
    case "frameworks": return a !== undefined ? <FrameworkPage id={a} /> : <FrameworksPage />;
    case "services": return a !== undefined && b !== undefined ? <ServicePage framework={a} id={b} /> : <ServicesPage />;
    case "pods": return a !== undefined && b !== undefined ? <PodPage framework={a} id={b} /> : <ServicesPage />;
    case "jobs": return a !== undefined && b !== undefined ? <JobPage framework={a} name={b} /> : <JobsPage />;
    case "roles": return <RolesPage open={path.slice(1).join("/")} />;
    case "offers": return <OffersPage />;
    case "maintenance": return <MaintenancePage />;
    case "why": return <WhyPage />;
  }
  return <Empty title="There is no such page"><a href="#/">Go to the overview</a></Empty>;
}

function First() {
  const l = link.value;
  if (l.is === "lost") return <Empty title="The master does not answer">{l.why}. This page goes on trying.</Empty>;
  return <div class="first" role="status"><div class="pulse" /><p>Reading the cluster…</p></div>;
}

function TopBar() {
  const m = master.value, l = link.value;
  const words = { opening: "connecting", live: "live", paused: "paused", lost: "leader lost" }[l.is];
  return (
    <header class="top">
      <a class="brand" href="#/"><img src="assets/icon.svg" alt="" width="26" height="26" /><span>{m?.cluster || "Mesos"}</span></a>
      <span class={`link ${l.is}`} role="status" title={m ? `Leader ${m.pid}` : ""}><span class="dot" />{words}{m && l.is === "live" && <span class="link-at">{m.hostname}:{m.pid.split(":").at(-1)}</span>}</span>
      <span class="grow" />
      <button class="search-button" onClick={showSearch} aria-keyshortcuts="/"><Icon name="search" size={16} /><span>Find a task, service, agent…</span><kbd>/</kbd></button>
      <button class="icon-button" onClick={toggleTheme} aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"} title="Light or dark"><Icon name={theme.value === "dark" ? "sun" : "moon"} /></button>
      <button class="icon-button" onClick={showHelp} aria-label="Help" title="Help (?)" aria-keyshortcuts="?"><Icon name="help" /></button>
    </header>
  );
}

/** Said above every page while nobody leads; what the page shows is from before. */
function Lost() {
  const l = link.value, m = master.value;
  if (l.is !== "lost" || !m) return null;
  const list = others(m);
  return (
    <div class="lost" role="alert">
      <b>The leading master is lost</b> {duration(now.value - l.since / 1000)} ago: {l.why}. Tasks run on; what you see here is from before.
      {list.length > 0 ? <> Looking for the next leader at {list.map((o, i) => <span key={o}>{i > 0 && ", "}<a href={`//${o}/${location.hash}`}>{o}</a></span>)}, and here.</> : " This page goes on trying, and follows the next leader."}
    </div>
  );
}

function useKeys(): void {
  useEffect(() => {
    let before = "";
    const press = (e: KeyboardEvent): void => {
      const el = e.target as HTMLElement;
      // A field of a dialog that has just closed keeps the focus for a moment; what is typed then is not meant for it.
      const typing = !el.closest("dialog") && el.closest("input, textarea, select, .terminal-screen, [contenteditable]");
      if (e.metaKey || e.ctrlKey || e.altKey || typing || dialogOpen()) return;
      const place = before === "g" ? places.find((p) => p.letter === e.key) : undefined;
      before = e.key;
      if (place) location.hash = `#/${place.key === "overview" ? "" : place.key}`;
      else if (e.key === "/") showSearch();
      else if (e.key === "?") showHelp();
      else return;
      e.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
