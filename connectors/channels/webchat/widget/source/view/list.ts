// The conversation: messages in order, what waits behind them, and lines where a day or a channel begins.

import type { Entry } from "../outbox";
import type { Message, Part } from "../protocol";
import { channelName, type Context, errorText } from "./context";
import { h, hidden, icon } from "./elements";
import { isBare, type Shown, showPart } from "./parts";

const TOGETHER = 5 * 60_000;

/** A message of the log, or one that is on its way there. */
interface Row {
  key: string;
  parts: Part[];
  who: string;
  at: string;
  /** Of the visitor's own messages: how far they have come. */
  tick?: "queued" | "sent" | "delivered" | "read" | "failed";
  message?: Message;
  entry?: Entry;
}

export interface List {
  readonly element: HTMLElement;
  toEnd(): void;
  render(): void;
}

export function createList(context: Context): List {
  const { chat, configuration, word } = context;
  const { language } = configuration;
  let made = new Map<string, { state: string; node: HTMLElement }>();
  /** Whether the end is in view, and stays there as more comes. */
  let isFollowing = true;

  const greeting = word("greeting");
  const items = h("ol");
  const typing = h("p", { class: "typing", hidden: true }, hidden(word("typing")), h("i"), h("i"), h("i"));
  const element = h(
    "div",
    { class: "log", role: "log", tabindex: 0, "aria-label": configuration.name },
    greeting && h("p", { class: "bubble", dir: "auto" }, greeting),
    items,
    typing,
  );
  const follow = (): void => {
    if (isFollowing) element.scrollTop = element.scrollHeight;
  };
  // Pictures have their height when they have come.
  element.addEventListener("load", follow, true);
  element.addEventListener("scroll", () => {
    isFollowing = element.scrollHeight - element.scrollTop - element.clientHeight < 48;
  });

  const toEnd = (): void => {
    isFollowing = true;
    follow();
  };

  const render = (): void => {
    const before = made;
    made = new Map();
    const put = (key: string, state: string, make: () => HTMLElement): void => {
      const known = before.get(key);
      made.set(key, known?.state === state ? known : { state, node: make() });
    };
    const line = (key: string, text: string): void => put(key, text, () => h("li", { class: "line" }, text));
    const switched = (key: string, to: string): void => line(key, word("switched", { channel: channelName(context, to) }));
    let last: Row | undefined;
    let channel = "webchat";
    for (const row of rows()) {
      const day = new Date(row.at).toLocaleDateString(language, { dateStyle: "medium" });
      line(day, day);
      const now = row.message?.channel.type ?? channel;
      if (now !== channel) switched(`to ${row.key}`, now);
      const same = last && now === channel && last.who === row.who && last.tick === row.tick && Date.parse(row.at) - Date.parse(last.at) < TOGETHER;
      const choosing = choosingOf(row);
      const state = JSON.stringify([row, same, choosing, Boolean(choosing.choose)]);
      put(row.key, state, () => show(row, same, choosing));
      last = row;
      channel = now;
    }
    const { to, sequence } = chat.messages.switched ?? {};
    if (to && to !== channel && sequence! > (chat.messages.ordered.at(-1)?.sequence ?? 0)) switched("to", to);
    arrange(items, [...made.values()].map(({ node }) => node));
    typing.hidden = !chat.typing;
    follow();
  };

  const rows = (): Row[] => {
    const answered = chat.typing ? Infinity : chat.messages.answered;
    const ofLog = chat.messages.ordered.map((message): Row => {
      const { id, sequence, direction, author, text, occurred_at } = message;
      const parts = message.parts.length ? message.parts : [{ type: "text", text: text || word("gone") }];
      const row = { key: id, parts, at: occurred_at, message };
      if (direction === "outbound") return { ...row, who: author.name ?? word("team") };
      return { ...row, who: word("you"), tick: sequence < answered ? "read" : "delivered" };
    });
    const rowOf = (entry: Entry, tick: "queued" | "sent"): Row => {
      const { client_id, parts = [], at, problem } = entry;
      return { key: client_id, parts, who: word("you"), at, tick: problem ? "failed" : tick, entry };
    };
    const waiting = chat.outbox.entries.filter(({ parts }) => parts);
    return [...ofLog, ...chat.sent.map((entry) => rowOf(entry, "sent")), ...waiting.map((entry) => rowOf(entry, "queued"))];
  };

  /** A question can be answered until the visitor has said something after it. */
  const choosingOf = ({ message, tick }: Row): Pick<Shown, "choose" | "chosen"> => {
    if (!message || tick) return { choose: undefined, chosen: undefined };
    const later = chat.messages.ordered.filter(({ direction, sequence }) => direction === "inbound" && sequence > message.sequence);
    const said = [...later, ...chat.sent, ...chat.outbox.entries].flatMap(({ parts }) => parts ?? []);
    return {
      choose: said[0] ? undefined : ({ id, title }) => chat.write([{ type: "choice", id, title }]),
      chosen: said[0]?.type === "choice" ? said[0].id : undefined,
    };
  };

  const show = (row: Row, same: boolean | undefined, choosing: Pick<Shown, "choose" | "chosen">): HTMLElement => {
    const { parts, who, tick, message } = row;
    const shown: Shown = { context, ...choosing, refresh: () => message && void chat.refresh(message) };
    return h(
      "li",
      { class: `${tick ? `ours ${tick}` : "theirs"} ${same ? "same" : ""}` },
      tick || same ? hidden(`${who}: `) : h("small", { dir: "auto" }, who),
      h("div", { class: `bubble ${isBare(parts) ? "bare" : ""}` }, ...parts.map((part) => showPart(local(part), shown))),
      about(row),
    );
  };

  const about = ({ entry, tick, at }: Row): HTMLElement => {
    if (tick === "failed" && entry) {
      const button = (name: string, act: () => void): HTMLElement => {
        const onclick = (): void => {
          act();
          chat.flush();
        };
        return h("button", { class: "plain", onclick }, word(name));
      };
      return h(
        "small",
        { class: "problem", role: "alert" },
        `${word(tick)}: ${errorText(context, entry.problem ?? "")} `,
        button("send", () => chat.outbox.retry(entry)),
        button("discard", () => chat.outbox.remove(entry)),
      );
    }
    const time = new Date(at).toLocaleTimeString(language, { timeStyle: "short" });
    const picture = tick && tick !== "failed" && h("span", {}, icon(tick === "read" ? "delivered" : tick), hidden(word(tick)));
    return h("small", { class: "about" }, time, picture);
  };

  return { element, toEnd, render };
}

/** A file that is on its way has no address: its name stands for it. */
function local(part: Part): Part {
  const { media } = part;
  return media && !media.url && !media.state ? { type: "text", text: media.filename ?? "" } : part;
}

/** The nodes in their order; those that stay where they are are not touched, so that focus and sound stay too. */
function arrange(parent: Element, nodes: Node[]): void {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}
