import { show } from "../ui/dialog.tsx";

const keys: [string, string][] = [
  ["/", "find a task, service, job, agent, framework or role"], ["?", "this help"], ["Esc", "close what is open"],
  ["g o", "overview"], ["g t", "tasks"], ["g a", "agents"], ["g f", "frameworks"], ["g s", "services"], ["g j", "jobs"], ["g r", "roles"], ["g e", "offers"], ["g m", "maintenance"], ["g w", "why?"],
];

export function showHelp(): void {
  show("Help", (
    <div class="help">
      <h3>Keys</h3>
      <dl class="keys">{keys.map(([k, what]) => <div key={k}><dt>{k.split(" ").map((p) => <kbd key={p}>{p}</kbd>)}</dt><dd>{what}</dd></div>)}</dl>
      <h3>How to read it</h3>
      <p><span class="swatch used" /> used by tasks and executors, <span class="swatch offered" /> offered to a framework that has not answered, <span class="swatch free" /> free. Everything follows the cluster as it changes; nothing needs to be loaded again. Every view has its own address: send it to a colleague.</p>
      <p>Beside each action stands the command line that does the same.</p>
      <h3>As JSON</h3>
      <p><a href="state">/state</a> <a href="state-summary">/state-summary</a> <a href="roles">/roles</a> <a href="metrics/snapshot">/metrics/snapshot</a> <a href="metrics">/metrics</a> <a href="flags">/flags</a> <a href="version">/version</a></p>
      <p class="quiet small-text">The pages contain code of others: <a href="assets/licenses.txt">licenses</a>.</p>
    </div>
  ));
}
