// Slack's mrkdwn and Block Kit as elements; as little of them as it takes to see what was sent.

import { element, link, safeAddress } from "./dom.js";
import { word } from "./language.js";

const MARKS = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>]+)>|(?<!\w)\*([^*\n]+)\*(?!\w)|(?<!\w)_([^_\n]+)_(?!\w)|(?<!\w)~([^~\n]+)~(?!\w)/g;
const ONLY_BRACKETS = /<([^<>]+)>/g;

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function reference(inside, names) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inside.slice(bar + 1));
  const id = target.slice(1);
  if (target.startsWith("@")) return element("span", { className: "mention", text: `@${names[id] || label || id}` });
  if (target.startsWith("#")) return element("span", { className: "mention", text: `#${names[id] || label || id}` });
  if (target.startsWith("!")) return element("span", { className: "mention", text: label || `@${id}` });
  return link(unescaped(target), label || unescaped(target));
}

function marked(found, names) {
  const [, block, code, bracket, bold, italic, strike] = found;
  if (block) return element("pre", { text: unescaped(block) });
  if (code) return element("code", { text: unescaped(code) });
  if (bracket) return reference(bracket, names);
  const [name, inside] = bold ? ["strong", bold] : italic ? ["em", italic] : ["s", strike];
  return element(name, { children: pieces(inside, names, MARKS) });
}

function pieces(text, names, marks) {
  const made = [];
  let end = 0;
  for (const found of text.matchAll(marks)) {
    made.push(unescaped(text.slice(end, found.index)));
    made.push(marks === MARKS ? marked(found, names) : reference(found[1], names));
    end = found.index + found[0].length;
  }
  return [...made, unescaped(text.slice(end))];
}

/** A text in Slack's form. `formatted`: with bold and its like; people's own come as rich text and are shown as typed. */
export function showText(text, names, formatted = true) {
  return element("div", { className: "part text", children: pieces(text, names, formatted ? MARKS : ONLY_BRACKETS) });
}

function textObject(object, names) {
  if (!object) return null;
  return object.type === "mrkdwn" ? showText(object.text, names) : element("div", { className: "part text", text: object.text });
}

/** A picture of this machine is shown; of others the page may load nothing, so they are linked. */
function picture(image) {
  const address = safeAddress(image.image_url);
  const near = address && new URL(address).hostname === location.hostname;
  const shown = near ? element("img", { src: address, alt: image.alt_text }) : link(image.image_url, `[${word("picture")}] ${image.alt_text}`);
  return element("div", { className: "part image", children: [shown] });
}

function control(one, tap) {
  if (one.type === "button" && one.url) return element("span", { className: "option", children: [link(one.url, one.text.text)] });
  if (one.type === "button") {
    const button = element("button", { type: "button", className: "option", text: one.text.text });
    button.addEventListener("click", () => tap({ action_id: one.action_id }));
    return button;
  }
  if (one.options) {
    const first = element("option", { value: "", text: one.placeholder?.text || "…" });
    const options = one.options.map((option) => element("option", { value: option.value, text: option.text.text }));
    const select = element("select", { "aria-label": one.placeholder?.text || word("choices"), children: [first, ...options] });
    select.addEventListener("change", () => select.value && tap({ action_id: one.action_id, value: select.value }));
    return select;
  }
  return one.type === "image" ? picture(one) : element("span", { className: "small", text: `[${one.type}]` });
}

const SHOWN = {
  section: (block, names, tap) => [
    textObject(block.text, names),
    ...(block.fields || []).map((field) => textObject(field, names)),
    block.accessory ? control(block.accessory, tap) : null,
  ],
  header: (block) => [element("strong", { text: block.text.text })],
  divider: () => [element("hr")],
  image: (block) => [picture(block), element("div", { className: "small", text: block.title?.text })],
  context: (block, names) =>
    block.elements.map((one) =>
      one.type === "image" ? picture(one) : element("div", { className: "small", children: [textObject(one, names)] }),
    ),
  actions: (block, names, tap) => [
    element("div", { className: "options", children: block.elements.map((one) => control(one, tap)) }),
  ],
  markdown: (block) => [element("div", { className: "part text", text: block.text })],
};

/** `tap(action)` is told what was pressed or chosen. */
export function showBlocks(blocks, names, tap) {
  return blocks.map((block) => {
    const inBlock = (action) => tap({ block_id: block.block_id, ...action });
    const children = SHOWN[block.type] ? SHOWN[block.type](block, names, inBlock) : [`[${block.type}]`];
    return element("div", { className: "part", children });
  });
}
