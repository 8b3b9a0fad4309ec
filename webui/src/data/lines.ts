// A text that comes in pieces, line by line. After each the browser may do something else.
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader(), text = new TextDecoder();
  let rest = "", pause = performance.now();
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? text.decode() : text.decode(value, { stream: true });
    let from = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      yield rest.slice(from, end);
      from = end + 1;
      if (performance.now() - pause > 12) { // what is there already comes without a pause of its own
        await new Promise((go) => setTimeout(go, 0));
        pause = performance.now();
      }
    }
    rest = rest.slice(from);
    if (done) return;
  }
}
