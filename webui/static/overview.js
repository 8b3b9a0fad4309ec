// The top of the page: what cluster this is, its resources as one computer, and tasks by state.

import { amount, clip, moment, size, span, stateLabel, whole } from "./format.js";
import { el } from "./table.js";
import { tone } from "./tables.js";

const at = (id) => document.getElementById(id);

const kinds = {
  cpus: { title: "CPUs", format: amount },
  mem: { title: "Memory", format: size },
  disk: { title: "Disk", format: size },
  gpus: { title: "GPUs", format: amount },
};

const parts = ["used", "offered", "free"];

function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

/** Shows name, leader, version, uptime and the number of agents. now is in seconds. */
export function showFacts(m, now) {
  const name = clip(m.name);
  setText(at("name"), name);
  document.title = name;
  const off = m.agents.filter((a) => !a.active).length;
  const agents = [`${whole(m.agents.length - off)} active`];
  if (off) agents.push(`${whole(off)} disconnected`);
  if (m.unreachable) agents.push(`${whole(m.unreachable)} unreachable`);
  const leader = !m.leader ? "none" : m.leader === m.master ? `${m.leader} (this one)` : m.leader;
  const facts = [["Leader", leader], ["Version", clip(m.version)], ["Up for", span(now - m.started), moment(m.started)], ["Agents", agents.join(", ")]];
  const dl = at("facts");
  if (!dl.firstChild) dl.append(...facts.map(([name]) => el("div", {}, el("dt", {}, name), el("dd", {}))));
  facts.forEach(([, value, title], i) => {
    const dd = dl.children[i].lastChild;
    setText(dd, value);
    dd.title = title ? `since ${title}` : "";
  });
}

/** Shows one bar for each kind of resource. */
export function showResources(m) {
  const box = at("resources");
  if (!box.firstChild) box.append(...m.resources.map((r) => newBar(kinds[r.name].title)));
  m.resources.forEach((r, i) => fillBar(box.children[i], r, kinds[r.name].format));
  const off = m.agents.some((a) => !a.active);
  at("resources-note").hidden = !off;
  setText(at("resources-note"), off ? "What disconnected agents have is not counted." : "");
}

function newBar(title) {
  const track = el("div", { class: "track", "aria-hidden": "true" }, el("div", { class: "used" }), el("div", { class: "offered" }));
  const legend = parts.map((p) => el("div", { class: p }, el("dt", {}, p), el("dd", {})));
  return el("div", { class: "resource" }, el("h3", {}, title, " ", el("span", { class: "total" })), track, el("dl", {}, ...legend));
}

function fillBar(box, r, format) {
  box.classList.toggle("none", r.total === 0);
  setText(box.querySelector(".total"), r.total ? format(r.total) : "none");
  const width = (n) => `${r.total ? Math.min(100, (100 * n) / r.total) : 0}%`;
  box.querySelector(".track .used").style.width = width(r.used);
  box.querySelector(".track .offered").style.width = width(r.offered);
  for (const p of parts) setText(box.querySelector(`dl .${p} dd`), format(r[p]));
}

/** Shows how many tasks are in each state; choose(label) is called when one is clicked. */
export function showStates(m, choose) {
  const box = at("states");
  const text = JSON.stringify(m.states);
  if (box.dataset.shown === text) return;
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.state : undefined;
  box.dataset.shown = text;
  box.replaceChildren(...m.states.map(({ state, n }) => {
    const label = clip(stateLabel(state), 40);
    const b = el("button", { type: "button", class: `state ${tone(state)}`, title: `Show tasks that are ${label.toLowerCase()}`, "data-state": state }, `${whole(n)} ${label.toLowerCase()}`);
    b.addEventListener("click", () => choose(label.toLowerCase()));
    return el("li", {}, b);
  }));
  if (focused !== undefined) [...box.querySelectorAll("button")].find((b) => b.dataset.state === focused)?.focus();
}
