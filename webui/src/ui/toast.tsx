// One line that says what was done, for a while.
import { signal } from "@preact/signals";

const line = signal("");
let timer = 0;

export function say(text: string): void {
  line.value = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => { line.value = ""; }, 5000);
}

export function Toast() { return <div class={`toast ${line.value ? "on" : ""}`} role="status">{line.value}</div>; }
