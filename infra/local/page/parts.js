// Showing the parts of a message, as the public schema names them.

import { element, link, safeAddress } from "./dom.js";
import { word } from "./language.js";

const MARKS = {
  webchat: ["Web", "#2563eb"],
  wechat: ["WX", "#07853f"],
  wechat_mini: ["MP", "#07853f"],
  wecom_kf: ["WC", "#1d5fb8"],
  email: ["@", "#6b4ea0"],
  slack: ["SL", "#7a2f7c"],
  whatsapp: ["WA", "#128045"],
  messenger: ["FB", "#1a5fd0"],
  instagram: ["IG", "#b3286b"],
  telegram: ["TG", "#1f77ad"],
  line: ["LN", "#067d3a"],
  sms: ["SMS", "#5b5b5b"],
};

/** A small coloured sign for a channel; letters, because not every machine has a font with pictures. */
export function channelMark(channel) {
  const [text, colour] = MARKS[channel] || [channel.slice(0, 3), "#555"];
  const mark = element("span", { className: "mark", text, title: channel });
  mark.style.backgroundColor = colour;
  return mark;
}

function box(className, ...children) {
  return element("div", { className: `part ${className}`, children });
}

function small(text) {
  return text ? element("div", { className: "small", text }) : null;
}

/** A media element of the kind, a link to it, or the reason why there is none. */
function media(kind, file = {}) {
  const address = file.url && safeAddress(file.url);
  if (!address) return small(`[${word(file.state || "pending")}] ${file.filename || file.mime_type || ""}`);
  if (kind === "img") return element("img", { src: address, alt: file.filename || word("picture"), loading: "lazy" });
  if (kind === "audio" || kind === "video") return element(kind, { src: address, controls: true, preload: "none" });
  return link(address, file.filename || file.mime_type || "file");
}

function card(part) {
  const image = part.image || (part.image_url && { url: part.image_url });
  const actions = (part.actions || []).map((action) =>
    element("div", { className: "option", children: [action.url ? link(action.url, action.title) : action.title] }),
  );
  return box(
    "card",
    image ? media("img", image) : null,
    element("strong", { text: part.title || part.url }),
    small(part.description),
    part.url ? link(part.url) : null,
    actions.length ? element("div", { className: "options", children: actions }) : null,
  );
}

function choices(part, choose) {
  const options = (part.options || []).map((option) => {
    if (!choose) return element("div", { className: "option", text: option.title });
    const button = element("button", { className: "option", type: "button", text: option.title });
    button.addEventListener("click", () => choose(option));
    return button;
  });
  return box("choices", part.text, element("div", { className: "options", children: options }), small(part.footer));
}

function unsupported(part) {
  const note = word("unsupported", { type: part.provider_type || part.type, reason: part.reason || "" });
  const raw = part.raw ?? (part.provider_type ? null : JSON.stringify(part));
  return box("unsupported", note, raw ? element("pre", { text: raw }) : null);
}

const SHOWN = {
  text: (part) => box("text", part.text),
  image: (part) => box("image", media("img", part.media), small(part.caption)),
  sticker: (part) => box("sticker", part.emoji, part.media ? media("img", part.media) : null),
  audio: (part) => box("audio", small(part.title), media("audio", part.media)),
  voice: (part) => box("voice", media("audio", part.media), small(part.transcript)),
  video: (part) => box("video", media("video", part.media), small(part.title)),
  file: (part) => box("file", media("a", part.media)),
  location: (part) =>
    box(
      "card",
      element("strong", { text: part.name || word("location") }),
      small(`${part.latitude}, ${part.longitude}`),
      small(part.address),
    ),
  contact: (part) => box("card", element("strong", { text: part.name }), small([...(part.phones || []), ...(part.emails || [])].join(", "))),
  link: card,
  card,
  choices,
  choice: (part) => box("choice", word("chosen", { title: part.title || part.id })),
  carousel: (part) => box("carousel", ...(part.cards || []).map(card)),
  template: (part) => box("template", part.name, small(JSON.stringify(part.parameters || {}))),
  product: card,
  order: (part) => box("card", element("strong", { text: part.title || part.id }), small(part.total), small(part.state)),
  mini_program: (part) =>
    box("card", element("strong", { text: part.title || part.app_id }), small(`${part.app_id || ""} ${part.page_path || ""}`)),
  story: (part) => box("story", part.media ? media("img", part.media) : null, part.url ? link(part.url) : null),
  forwarded: (part) => box("card", element("strong", { text: part.title }), small(part.text), small((part.items || []).join("\n"))),
  event: (part) => box("event", `· ${part.name} ·`),
  unsupported,
};

/** The part as an element; `choose(option)` makes the options of a question tappable. */
export function showPart(part, choose) {
  return (SHOWN[part.type] || unsupported)(part, choose);
}
