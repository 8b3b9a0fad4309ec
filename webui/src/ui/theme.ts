// Dark or light: as the machine has it, until a person chooses.
import { computed, effect, signal } from "@preact/signals";

const query = window.matchMedia("(prefers-color-scheme: dark)");
const machine = signal(query.matches);
query.addEventListener("change", () => { machine.value = query.matches; });

const chosen = signal<string | null>(read());

function read(): string | null {
  try { return localStorage.getItem("theme"); } catch { return null; }
}

export const theme = computed(() => chosen.value ?? (machine.value ? "dark" : "light"));

effect(() => { document.documentElement.dataset.theme = theme.value; });

export function toggleTheme(): void {
  const to = theme.value === "dark" ? "light" : "dark";
  chosen.value = to;
  try { localStorage.setItem("theme", to); } catch { /* private windows keep nothing */ }
}
