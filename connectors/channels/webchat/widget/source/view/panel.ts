// The launcher and the panel: what is open, where the keyboard is, and which sheet lies over the conversation.

import { Composer } from "./composer";
import type { Context } from "./context";
import { h, icon, iconButton } from "./elements";
import { List } from "./list";
import { askAboutLink, offerChannels } from "./sheets";

/** Here the panel covers the page, as style.css has it. */
export const SMALL = "(max-width:480px),(max-height:420px)";
/** A shorter break is not worth a word. */
const PATIENCE = 1_500;

export class Panel {
  readonly element: HTMLElement;
  readonly #launcher: HTMLButtonElement;
  readonly #badge = h("span", { class: "badge" });
  readonly #dialog: HTMLDialogElement;
  readonly #banner = h("p", { class: "banner", role: "status" });
  readonly #elsewhere: HTMLButtonElement;
  readonly #behind: HTMLElement;
  readonly #sheet = h("section", { class: "sheet", hidden: true, "aria-labelledby": "title" });
  readonly #list: List;
  readonly #composer: Composer;
  #opener: Element | null = null;
  #timer = 0;

  readonly #context: Context;
  readonly #changed: (isOpen: boolean) => void;

  constructor(
    context: Context,
    changed: (isOpen: boolean) => void,
  ) {
    this.#context = context;
    this.#changed = changed;
    const { configuration, word } = context;
    const { name, position, launcher } = configuration;
    this.#list = new List(context);
    this.#composer = new Composer(context, () => this.#list.toEnd());
    this.#behind = h("div", { class: "behind" }, this.#banner, this.#list.element, this.#composer.element);
    this.#elsewhere = iconButton("phone", word("continue"), () => {
      const content = h("div", { class: "stack" });
      this.#showSheet(word("continue"), content);
      void offerChannels(context, content);
    });
    this.#dialog = h(
      "dialog",
      { "aria-label": name, onkeydown: (event: KeyboardEvent) => this.#key(event), onclose: () => this.#closed() },
      h("header", { class: "bar" }, h("h2", { dir: "auto" }, name), this.#elsewhere, iconButton("close", word("close"), () => this.close())),
      this.#behind,
      this.#sheet,
    );
    this.#takeDrops();
    this.#launcher = h("button", { class: "launcher main", hidden: !launcher, onclick: () => (this.isOpen ? this.close() : this.open()) }, icon("chat"), this.#badge);
    this.element = h("div", { class: `root ${position}` }, this.#dialog, this.#launcher);
    this.render();
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** Without `focus` the page keeps the keyboard. */
  open(focus = true): void {
    if (!this.isOpen) {
      this.#opener = document.activeElement;
      if (!focus) this.#dialog.setAttribute("open", "");
      else if (matchMedia(SMALL).matches) this.#dialog.showModal();
      else this.#dialog.show();
      this.#changed(true);
      this.render();
      this.#composer.changed();
      this.#list.toEnd();
    }
    if (focus && this.#sheet.hidden) this.#composer.focus();
  }

  /** The browser gives the keyboard back to the launcher, but not to the page. */
  close(): void {
    if (!this.isOpen) return;
    this.#dialog.close();
    if (this.#launcher.hidden) (this.#opener as HTMLElement | null)?.focus();
  }

  render(): void {
    const { chat, configuration, word } = this.#context;
    const { isOpen } = this;
    const unread = isOpen ? 0 : chat.unread;
    this.#badge.textContent = unread ? String(unread) : "";
    this.#launcher.setAttribute("aria-expanded", String(isOpen));
    this.#launcher.setAttribute("aria-label", unread ? `${word("open")} (${word("unread", { count: unread })})` : word(isOpen ? "close" : "open"));
    if (!isOpen) return;
    this.#elsewhere.hidden = !chat.messages.conversation || configuration.channels?.[0] === "";
    clearTimeout(this.#timer);
    if (chat.state === "online") this.#banner.textContent = "";
    else this.#timer = setTimeout(() => (this.#banner.textContent = word(chat.state === "refused" ? "gone" : "offline")), PATIENCE);
    this.#list.render();
  }

  /** Somebody came with a code in the address. */
  askAboutLink(answer: (isTheirs: boolean) => void): void {
    this.open();
    const content = askAboutLink(this.#context, (isTheirs) => {
      this.hideSheet();
      answer(isTheirs);
    });
    this.#showSheet(this.#context.word("linkTitle"), ...content);
  }

  #closed(): void {
    this.hideSheet();
    this.#changed(false);
    this.render();
  }

  #showSheet(title: string, ...content: Node[]): void {
    const heading = h("h2", { tabindex: -1, id: "title" }, title);
    this.#sheet.replaceChildren(h("div", { class: "bar" }, iconButton("back", this.#context.word("back"), () => this.hideSheet()), heading), ...content);
    this.#sheet.hidden = false;
    this.#behind.inert = true;
    heading.focus();
  }

  hideSheet(): void {
    if (this.#sheet.hidden) return;
    this.#sheet.hidden = true;
    this.#behind.inert = false;
    if (this.isOpen) this.#composer.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (this.#sheet.hidden) this.close();
    else this.hideSheet();
  }

  #takeDrops(): void {
    const dialog = this.#dialog;
    for (const name of ["dragover", "dragleave", "drop"] as const) {
      dialog.addEventListener(name, (event) => {
        event.preventDefault();
        dialog.classList.toggle("dropping", name === "dragover");
        if (name === "drop") this.#composer.attach(event.dataTransfer?.files);
      });
    }
  }
}
