// A table that is filled again and again: rows are kept by key and cells changed only where their content changed, so
// that focus, selection and scroll position survive an update. Text from the cluster goes in as text nodes only.

import { clip, whole } from "./format.js";

const firstRows = 50;
const moreRows = 500;

/** An element with attributes and children; strings become text. */
export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) if (v !== "" && v !== undefined && v !== false) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

/**
 * One part of a cell: text, shortened where too long, as a link if it has an href.
 * { text, title, href, css, datetime }
 */
function partOf(p) {
  const shown = clip(p.text);
  const title = p.title || (shown === p.text ? "" : clip(p.text, 1000));
  const common = { class: p.css, title };
  if (p.href) return el("a", { ...common, href: p.href, target: "_blank", rel: "noopener noreferrer", "aria-label": p.label }, shown);
  if (p.datetime) return el("time", { ...common, datetime: p.datetime }, shown);
  return el("span", common, shown);
}

export class Table {
  /** columns: [{ title, css, cell(row) → part or [parts] }]; keyOf(row) and searchOf(row) → text. */
  constructor(section, { label, columns, keyOf, searchOf }) {
    Object.assign(this, { columns, keyOf, searchOf, shown: firstRows, rows: new Map(), last: null });
    this.count = el("span", { class: "count" });
    section.querySelector("h2").append(" ", this.count);
    this.body = el("tbody", { role: "rowgroup" });
    const heads = columns.map((c) => el("th", { scope: "col", role: "columnheader", class: c.css }, c.title));
    // The roles are said aloud because a narrow page lays rows out as cards, which takes them from the elements.
    const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads));
    this.table = el("table", { role: "table", "aria-label": label }, head, this.body);
    this.empty = el("div", { class: "empty" });
    this.more = el("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => {
      this.shown += moreRows;
      this.update(...this.last);
    });
    section.append(el("div", { class: "scroll" }, this.table), this.empty, this.more);
  }

  /** Shows rows that match words; without any, what emptyParts() says to do. */
  update(rows, words, emptyParts) {
    this.last = [rows, words, emptyParts];
    const matching = words.length ? rows.filter((r) => matches(this.searchOf(r), words)) : rows;
    this.count.textContent = words.length ? `${whole(matching.length)} of ${whole(rows.length)}` : whole(rows.length);
    const visible = matching.slice(0, this.shown);
    this.fill(visible);
    this.table.hidden = visible.length === 0;
    this.say(visible.length ? [] : rows.length ? ["Nothing here matches the filter."] : emptyParts());
    const rest = matching.length - visible.length;
    this.more.hidden = rest === 0;
    this.more.textContent = `Show ${whole(Math.min(rest, moreRows))} more of ${whole(rest)}`;
  }

  say(parts) {
    const text = parts.map((p) => (typeof p === "string" ? p : p.textContent)).join("");
    this.empty.hidden = parts.length === 0;
    if (this.empty.textContent !== text) this.empty.replaceChildren(...parts);
  }

  fill(rows) {
    const wanted = new Map();
    for (const r of rows) {
      let key = this.keyOf(r);
      while (wanted.has(key)) key += "\u0000"; // ids may be used again once their task is over
      wanted.set(key, r);
    }
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      row.tr.remove();
      this.rows.delete(key);
    }
    let at = this.body.firstChild;
    for (const [key, r] of wanted) {
      const row = this.rows.get(key) ?? this.newRow(key);
      this.fillRow(row, r);
      if (row.tr === at) at = at.nextSibling;
      else this.body.insertBefore(row.tr, at);
    }
  }

  newRow(key) {
    const cells = this.columns.map((c) => el("td", { role: "cell", class: c.css, "data-label": c.title }));
    const row = { tr: el("tr", { role: "row" }, ...cells), cells, content: [] };
    this.rows.set(key, row);
    return row;
  }

  fillRow(row, r) {
    this.columns.forEach((c, i) => {
      const parts = [c.cell(r)].flat().filter((p) => p.text !== "");
      const content = JSON.stringify(parts);
      if (row.content[i] === content) return;
      row.content[i] = content;
      row.cells[i].replaceChildren(...parts.flatMap((p, n) => (n ? [" ", partOf(p)] : [partOf(p)])));
    });
  }
}

function matches(text, words) {
  const low = text.toLowerCase();
  return words.every((w) => low.includes(w));
}
