// The parts of a message.

import type { Card, Media, Option, Part } from "../protocol";
import { type Context, fileSize } from "./context";
import { type Child, h, icon } from "./elements";
import { link, markdown, plain, safeAddress } from "./markdown";

export interface Shown {
  context: Context;
  /** Answers a question; undefined: it has been answered, or is not the visitor's to answer. */
  choose: ((option: Option) => void) | undefined;
  /** What was chosen of this message's options. */
  chosen: string | undefined;
  /** Looks at the message again: the address of a file is over after a while. */
  refresh: () => void;
}

/** Pictures and cards stand without a bubble around them. */
export function isBare(parts: readonly Part[]): boolean {
  return parts.every(({ type, caption }) => !caption && /image|sticker|video|car/.test(type));
}

export function showPart(part: Part, shown: Shown): Child {
  const { word } = shown.context;
  const { type, text = "", media, title, name = "", emoji, caption, transcript, footer, address } = part;
  switch (type) {
    case "text":
      return paragraph(part.format === "markdown" ? markdown(text) : plain(text));
    case "choice":
      return paragraph([title ?? part.id]);
    case "image":
    case "sticker":
      if (emoji && !media?.url) return h("p", { class: "emoji" }, emoji);
      return h("div", {}, image(media, caption, shown), caption && paragraph([caption]));
    case "voice":
    case "audio":
      return h("div", {}, player("audio", media, title ?? word("voice"), shown), transcript && paragraph([transcript]));
    case "video":
      return player("video", media, title ?? name, shown);
    case "file":
      return file(media, shown);
    case "location": {
      const at = `${part.latitude},${part.longitude}`;
      return h("div", {}, link(`https://www.openstreetmap.org/search?query=${at}`, name || at), h("small", { dir: "auto" }, address));
    }
    case "contact": {
      const phones = (part.phones ?? []).map((phone) => link(`tel:${phone.replace(/[^\d+]/g, "")}`, phone));
      const emails = (part.emails ?? []).map((email) => link(`mailto:${email}`, email));
      return h("div", { class: "stack" }, h("strong", { dir: "auto" }, name), ...phones, ...emails);
    }
    case "link":
    case "card":
      return card(part, shown);
    case "carousel":
      return h("div", { class: "carousel", tabindex: 0 }, ...(part.cards ?? []).map((each) => card(each, shown)));
    case "choices":
      return h("div", {}, paragraph(plain(text)), options(part.options, shown), footer && h("small", { dir: "auto" }, footer));
    default:
      return paragraph([text || `[${type}]`]);
  }
}

function paragraph(children: Child[]): HTMLElement {
  return h("p", { dir: "auto" }, ...children);
}

/** What the file is shown as, or why it is not. */
function media(about: Media | undefined, { context }: Shown, show: (address: string) => Node): Node {
  const address = safeAddress(about?.url);
  if (address) return show(address);
  return h("p", { class: "quiet" }, context.word(about?.state === "pending" ? "pending" : "gone"));
}

function image(about: Media | undefined, caption: string | undefined, shown: Shown): Node {
  return media(about, shown, (address) => {
    const alt = caption || about?.filename || shown.context.word("image");
    const { width, height } = about ?? {};
    const picture = h("img", { src: address, alt, width, height, loading: "lazy", onerror: shown.refresh });
    return link(address, picture);
  });
}

/** Recordings of some channels are of a kind that not every browser plays: those can be fetched. */
function player(kind: "audio" | "video", about: Media | undefined, label: string, shown: Shown): Node {
  return media(about, shown, (address) => {
    const element = h(kind, { src: address, controls: true, preload: "metadata", "aria-label": label });
    element.onerror = () => element.replaceWith(file(about, shown));
    return element;
  });
}

function file(about: Media | undefined, shown: Shown): Node {
  return media(about, shown, (address) => {
    const name = about?.filename || shown.context.word("file");
    const size = about?.size && h("small", {}, fileSize(about.size));
    return link(address, h("span", { class: "file" }, icon("file"), h("span", {}, h("bdi", {}, name), size)));
  });
}

function card({ title, description, image: picture, image_url, url, actions }: Card, shown: Shown): Node {
  const shownImage = picture ?? (image_url && { url: image_url });
  return h(
    "div",
    { class: "card stack" },
    shownImage && image(shownImage, title, shown),
    h("strong", { dir: "auto" }, url ? link(url, title || url) : title),
    description && paragraph(plain(description)),
    actions && options(actions, shown),
  );
}

/** Options answer, actions with an address go there. */
function options(all: { title: string; id?: string; url?: string }[] = [], { choose, chosen }: Shown): Node {
  const show = ({ title, id, url }: (typeof all)[number]): Node => {
    if (url || !id) return link(url, title, "option");
    const pressed = chosen === id && "true";
    const onclick = (): void => choose?.({ id, title });
    return h("button", { class: "option", dir: "auto", disabled: !choose, "aria-pressed": pressed, onclick }, title);
  };
  return h("div", { class: "options" }, ...all.map(show));
}
