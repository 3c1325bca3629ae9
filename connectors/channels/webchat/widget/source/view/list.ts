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

export class List {
  readonly element: HTMLElement;
  readonly #items = h("ol");
  readonly #typing: HTMLElement;
  #made = new Map<string, { state: string; node: HTMLElement }>();
  /** Whether the end is in view, and stays there as more comes. */
  #following = true;

  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
    const { configuration, word } = context;
    const greeting = word("greeting");
    this.#typing = h("p", { class: "typing", hidden: true }, hidden(word("typing")), h("i"), h("i"), h("i"));
    this.element = h(
      "div",
      { class: "log", role: "log", tabindex: 0, "aria-label": configuration.name },
      greeting && h("p", { class: "bubble", dir: "auto" }, greeting),
      this.#items,
      this.#typing,
    );
    // Pictures have their height when they have come.
    this.element.addEventListener("load", () => this.#follow(), true);
    this.element.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      this.#following = scrollHeight - scrollTop - clientHeight < 48;
    });
  }

  toEnd(): void {
    this.#following = true;
    this.#follow();
  }

  render(): void {
    const { chat, word } = this.#context;
    const made = new Map<string, { state: string; node: HTMLElement }>();
    const put = (key: string, state: string, make: () => HTMLElement): void => {
      const known = this.#made.get(key);
      made.set(key, known?.state === state ? known : { state, node: make() });
    };
    const line = (key: string, text: string): void => put(key, text, () => h("li", { class: "line" }, text));
    const switched = (key: string, to: string): void => line(key, word("switched", { channel: channelName(this.#context, to) }));
    let before: Row | undefined;
    let channel = "webchat";
    for (const row of this.#rows()) {
      const day = this.#day(row.at);
      line(day, day);
      const now = row.message?.channel.type ?? channel;
      if (now !== channel) switched(`to ${row.key}`, now);
      const same = before && now === channel && before.who === row.who && before.tick === row.tick && Date.parse(row.at) - Date.parse(before.at) < TOGETHER;
      const choosing = this.#choosing(row);
      const state = JSON.stringify([row, same, choosing, Boolean(choosing.choose)]);
      put(row.key, state, () => this.#show(row, same, choosing));
      before = row;
      channel = now;
    }
    const { to, sequence } = chat.messages.switched ?? {};
    if (to && to !== channel && sequence! > (chat.messages.ordered.at(-1)?.sequence ?? 0)) switched("to", to);
    this.#made = made;
    arrange(this.#items, [...made.values()].map(({ node }) => node));
    this.#typing.hidden = !chat.typing;
    this.#follow();
  }

  #follow(): void {
    if (this.#following) this.element.scrollTop = this.element.scrollHeight;
  }

  #rows(): Row[] {
    const { chat, word } = this.#context;
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
  }

  /** A question can be answered until the visitor has said something after it. */
  #choosing({ message, tick }: Row): Pick<Shown, "choose" | "chosen"> {
    const { chat } = this.#context;
    if (!message || tick) return { choose: undefined, chosen: undefined };
    const later = chat.messages.ordered.filter(({ direction, sequence }) => direction === "inbound" && sequence > message.sequence);
    const said = [...later, ...chat.sent, ...chat.outbox.entries].flatMap(({ parts }) => parts ?? []);
    return {
      choose: said[0] ? undefined : ({ id, title }) => chat.write([{ type: "choice", id, title }]),
      chosen: said[0]?.type === "choice" ? said[0].id : undefined,
    };
  }

  #show(row: Row, same: boolean | undefined, choosing: Pick<Shown, "choose" | "chosen">): HTMLElement {
    const context = this.#context;
    const { parts, who, tick, message } = row;
    const shown: Shown = { context, ...choosing, refresh: () => message && void context.chat.refresh(message) };
    return h(
      "li",
      { class: `${tick ? `ours ${tick}` : "theirs"} ${same ? "same" : ""}` },
      tick || same ? hidden(`${who}: `) : h("small", { dir: "auto" }, who),
      h("div", { class: `bubble ${isBare(parts) ? "bare" : ""}` }, ...parts.map((part) => showPart(this.#local(part), shown))),
      this.#about(row),
    );
  }

  /** A file that is on its way has no address: its name stands for it. */
  #local(part: Part): Part {
    const { media } = part;
    return media && !media.url && !media.state ? { type: "text", text: media.filename ?? "" } : part;
  }

  #about({ entry, tick, at }: Row): HTMLElement {
    const { chat, word } = this.#context;
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
        `${word(tick)}: ${errorText(this.#context, entry.problem ?? "")} `,
        button("send", () => chat.outbox.retry(entry)),
        button("discard", () => chat.outbox.remove(entry)),
      );
    }
    const time = new Date(at).toLocaleTimeString(this.#context.configuration.language, { timeStyle: "short" });
    const state = tick && word(tick);
    const picture = tick && tick !== "failed" && h("span", {}, icon(tick === "read" ? "delivered" : tick), hidden(state ?? ""));
    return h("small", { class: "about" }, time, picture);
  }

  #day(at: string): string {
    return new Date(at).toLocaleDateString(this.#context.configuration.language, { dateStyle: "medium" });
  }
}

/** The nodes in their order; those that stay where they are are not touched, so that focus and sound stay too. */
function arrange(parent: Element, nodes: Node[]): void {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
  });
}
