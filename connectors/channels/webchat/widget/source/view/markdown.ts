// Texts as nodes: links, and of Markdown bold, italics and code. Whatever else looks like markup stays what it says.

import { type Child, h } from "./elements";

const SCHEMES = ["http:", "https:", "mailto:", "tel:"];
/** An address in a text ends before the punctuation of the sentence around it. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]*[^\s<>"'`.,:;!?。，；：！？、）)\]}*_]/;
const MARKS = /`([^`\n]+)`|\[([^\]\n]+)\]\(([^()\s]+)\)|\*\*(?=\S)([^\n]+?\S?)\*\*|(?<![*\w])([*_])(?=[^\s*_])([^\n]*?[^\s*_])\5(?![*\w])/;

/** The address if a page may be sent there. */
export function safeAddress(address: string | undefined): string | undefined {
  try {
    return address && SCHEMES.includes(new URL(address).protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

export function link(address: string | undefined, label: Child, kind = ""): Node {
  const href = safeAddress(address);
  if (!href) return h("span", { class: kind }, label);
  return h("a", { href, class: kind, target: "_blank", rel: "noopener noreferrer nofollow" }, label);
}

export function plain(text: string): Child[] {
  return inline(text, ADDRESS);
}

export function markdown(text: string): Child[] {
  return inline(text, new RegExp(`${ADDRESS.source}|${MARKS.source}`));
}

function inline(text: string, pattern: RegExp): Child[] {
  const [whole, code, label, address, bold, , italics] = pattern.exec(text) ?? [];
  if (!whole) return [text];
  const at = text.search(pattern);
  const node = code
    ? h("code", {}, code)
    : bold
      ? h("strong", {}, ...markdown(bold))
      : italics
        ? h("em", {}, ...markdown(italics))
        : link(address ?? whole, label ?? whole);
  return [text.slice(0, at), node, ...inline(text.slice(at + whole.length), pattern)];
}
