// The terminal emulator and its web socket to the master: keys and output as bytes, sizes and the end as JSON.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { color } from "./chart.tsx";

interface Ending { ended?: boolean; status?: number; error?: string }

// xterm writes <style> elements, which the page's policy forbids, as it should: they could come from anybody. The same
// rules as constructed style sheets can come from scripts of the page alone. Nothing else of the page makes such elements.
const create = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions): HTMLElement =>
  name.toLowerCase() === "style" ? sheetElement() : create(name, options)) as typeof document.createElement;

function sheetElement(): HTMLElement {
  const el = create("span");
  const sheet = new CSSStyleSheet();
  el.hidden = true;
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(el, "textContent", { get: () => "", set: (rules: string) => sheet.replaceSync(rules) });
  const remove = el.remove.bind(el);
  el.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    remove();
  };
  return el;
}

/** Opens a terminal in an element; the answer closes it. */
export function connect(el: HTMLElement, url: string, ended: (e: Ending) => void): () => void {
  const term = new Terminal({
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace", fontSize: 13, lineHeight: 1.2, cursorBlink: true, scrollback: 5000,
    theme: { background: color("--terminal"), foreground: color("--terminal-text"), cursor: color("--terminal-text"), selectionBackground: "#4b6b8a88" },
  });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(el);
  fit.fit();
  const ws = new WebSocket(url);
  ws.binaryType = "arraybuffer";
  let over = false, opened = false;
  const finish = (e: Ending): void => {
    if (over) return;
    over = true;
    term.options.cursorBlink = false;
    term.options.disableStdin = true;
    ended(e);
  };
  const size = (): void => { if (ws.readyState === WebSocket.OPEN) ws.send(JSON.stringify({ rows: term.rows, columns: term.cols })); };
  ws.onopen = () => { opened = true; size(); term.focus(); };
  ws.onmessage = (m: MessageEvent<ArrayBuffer | string>) => {
    if (typeof m.data !== "string") term.write(new Uint8Array(m.data));
    else finish(JSON.parse(m.data) as Ending);
  };
  ws.onclose = () => finish({ error: opened ? "the connection to the master broke" : "the master opened no terminal: the agent may be gone, or too many terminals are open" });
  const bytes = new TextEncoder();
  term.onData((keys) => { if (ws.readyState === WebSocket.OPEN) ws.send(bytes.encode(keys)); });
  term.onResize(size);
  const watch = new ResizeObserver(() => fit.fit());
  watch.observe(el);
  return () => {
    over = true;
    watch.disconnect();
    ws.close();
    term.dispose();
  };
}
