// Building elements. Text only ever becomes text: nothing here reads markup.

/** An element with a class, a text and children. */
export function element(name, { className, text, children = [], ...attributes } = {}) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = String(text);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** The address when it is one that may be followed, else null: never javascript:, data: and the like. */
export function safeAddress(address) {
  try {
    const url = new URL(address, location.href);
    return ["https:", "http:", "blob:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside this page; plain text when the address cannot be trusted. */
export function link(address, text) {
  const href = safeAddress(address);
  if (!href) return element("span", { text: text || address });
  return element("a", { text: text || address, href, target: "_blank", rel: "noopener noreferrer" });
}

/** Replace the children, and stay at the bottom when the reader was there. */
export function showList(list, items) {
  const atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.replaceChildren(...items);
  if (atBottom) list.scrollTop = list.scrollHeight;
}

/** Run `work` again and again, `milliseconds` after it ended; `work` returns false to stop. */
export function repeat(work, milliseconds) {
  const run = async () => {
    if ((await work()) !== false) setTimeout(run, milliseconds);
  };
  run();
}
