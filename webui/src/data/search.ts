// Fuzzy search: every word of the question must be found, as it stands or as letters in order.

/** How well one word fits a text, both in lower case; 0 for not at all. Higher is better. */
export function fit(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 1000 - text.length;
  if (at > 0) return (/[^a-z0-9]/.test(text[at - 1]!) ? 800 : 600) - Math.min(at, 99) - text.length / 100;
  if (word.length < 3) return 0;
  let from = 0, gaps = 0, first = -1;
  for (const letter of word) {
    const i = text.indexOf(letter, from);
    if (i < 0) return 0;
    if (first < 0) first = i;
    else gaps += i - from;
    from = i + 1;
  }
  return gaps > word.length * 3 ? 0 : Math.max(1, 300 - gaps * 8 - Math.min(first, 50));
}

export function words(question: string): string[] { return question.toLowerCase().split(/\s+/).filter(Boolean); }

/** The sum over all words of the best fit among texts; 0 if one fits nowhere. Letters in order count in the first texts only. */
export function score(question: string[], names: string[], rest: string): number {
  let sum = 0;
  for (const w of question) {
    let best = rest.includes(w) ? 200 : 0;
    for (const n of names) best = Math.max(best, fit(w, n));
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
}
