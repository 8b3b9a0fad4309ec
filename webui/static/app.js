// The loop of the page: ask /state every 2 s while somebody can see it, show the answer, and say so when there is none.

import { span } from "./format.js";
import { model } from "./model.js";
import { showFacts, showResources, showStates } from "./overview.js";
import { makeTables, setNow } from "./tables.js";

const every = 2000; // ms between the end of one request and the next
const patience = 10000; // ms for one answer

const at = (id) => document.getElementById(id);
const showTables = makeTables();
const filter = at("filter");

let shown = null; // { model, now } of the last answer
let answered = 0; // performance.now() of the last answer, ms
let timer = 0;
let request = null; // AbortController of the request under way

function say(kind, text, ...detail) {
  const line = at("link");
  if (line.className !== kind) line.className = kind;
  if (at("link-text").textContent !== text) at("link-text").textContent = text;
  at("link-detail").replaceChildren(...detail);
  at("main").classList.toggle("stale", kind === "lost");
}

function show() {
  const { model: m, now } = shown;
  setNow(now);
  showFacts(m, now);
  showResources(m);
  showStates(m, (label) => setFilter(filter.value === label ? "" : label));
  showTables(m, filter.value.toLowerCase().split(/\s+/).filter(Boolean));
  at("main").hidden = false;
}

function setFilter(text) {
  filter.value = text;
  show();
}

// lost keeps what was shown, and says how old it is. The changing part stands outside the live region, so that a screen
// reader says once that the master is lost.
function lost(reason) {
  const age = answered ? `Last answer ${span((performance.now() - answered) / 1000)} ago` : "No answer yet";
  say("lost", "Master lost, retrying.", `${age}: ${reason}.`);
}

function reasonOf(e) {
  if (e instanceof TypeError) return "it cannot be reached"; // what fetch throws for any trouble on the network
  return e instanceof SyntaxError ? "its answer is not JSON" : e.message;
}

async function ask(signal) {
  const answer = await fetch("state", { cache: "no-store", redirect: "manual", signal });
  if (answer.type === "opaqueredirect") return { elsewhere: true };
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  const state = await answer.json();
  // Times of the state are the master's, so they are compared with its clock.
  const date = Date.parse(answer.headers.get("Date") ?? "");
  return { state, now: (Number.isNaN(date) ? Date.now() : date) / 1000 };
}

function take(answer) {
  if (answer.elsewhere) {
    const link = document.createElement("a");
    link.href = "redirect";
    link.textContent = "Go to the leader";
    say("lost", "This master is not the leader.", link);
    return;
  }
  answered = performance.now();
  try {
    shown = { model: model(answer.state), now: answer.now };
    show();
  } catch (e) {
    say("lost", "The master's state cannot be shown.", e.message);
    return;
  }
  say("live", "Live");
}

async function refresh() {
  clearTimeout(timer);
  request?.abort();
  if (document.hidden) return;
  const mine = (request = new AbortController());
  const late = setTimeout(() => mine.abort(new Error(`no answer within ${span(patience / 1000)}`)), patience);
  let answer = null;
  try {
    answer = await ask(mine.signal);
  } catch (e) {
    if (request === mine && !document.hidden) lost(reasonOf(e));
  } finally {
    clearTimeout(late);
  }
  if (request !== mine || document.hidden) return; // a newer one is on its way, or nobody looks
  timer = setTimeout(refresh, every);
  if (answer) take(answer);
}

document.addEventListener("visibilitychange", refresh);
filter.addEventListener("input", () => show());
document.addEventListener("keydown", (e) => {
  const typing = e.target instanceof HTMLInputElement;
  if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    filter.focus();
  } else if (e.key === "Escape" && e.target === filter && filter.value) {
    setFilter("");
  }
});
refresh();
