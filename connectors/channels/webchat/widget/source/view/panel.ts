// The launcher and the panel: what is open, where the keyboard is, and which sheet lies over the conversation.

import { createComposer } from "./composer";
import type { Context } from "./context";
import { h, icon, iconButton } from "./elements";
import { createList } from "./list";
import { askAboutLink, offerChannels } from "./sheets";

/** Here the panel covers the page, as style.css has it. */
export const SMALL = "(max-width:480px),(max-height:420px)";
/** A shorter break is not worth a word. */
const PATIENCE = 1_500;

export interface Panel {
  readonly element: HTMLElement;
  readonly isOpen: boolean;
  /** Without `focus` the page keeps the keyboard. */
  open(focus?: boolean): void;
  close(): void;
  render(): void;
  /** Somebody came with a code in the address. */
  askAboutLink(answer: (isTheirs: boolean) => void): void;
  hideSheet(): void;
}

export function createPanel(context: Context, changed: (isOpen: boolean) => void): Panel {
  const { chat, configuration, word } = context;
  const { name, position } = configuration;
  let opener: Element | null = null;
  let timer = 0;

  const list = createList(context);
  const composer = createComposer(context, list.toEnd);
  const banner = h("p", { class: "banner", role: "status" });
  const behind = h("div", { class: "behind" }, banner, list.element, composer.element);
  const sheet = h("section", { class: "sheet", hidden: true, "aria-labelledby": "title" });
  const elsewhere = iconButton("phone", word("continue"), () => {
    const content = h("div", { class: "stack" });
    showSheet(word("continue"), content);
    void offerChannels(context, content);
  });
  const dialog = h(
    "dialog",
    { "aria-label": name, onkeydown: (event: KeyboardEvent) => key(event), onclose: () => closed() },
    h("header", { class: "bar" }, h("h2", { dir: "auto" }, name), elsewhere, iconButton("close", word("close"), () => close())),
    behind,
    sheet,
  );
  const badge = h("span", { class: "badge" });
  const launcher = h("button", { class: "launcher main", hidden: !configuration.launcher, onclick: () => (dialog.open ? close() : open()) }, icon("chat"), badge);
  const element = h("div", { class: `root ${position}` }, dialog, launcher);

  const open = (focus = true): void => {
    if (!dialog.open) {
      opener = document.activeElement;
      if (!focus) dialog.setAttribute("open", "");
      else if (matchMedia(SMALL).matches) dialog.showModal();
      else dialog.show();
      changed(true);
      render();
      composer.changed();
      list.toEnd();
    }
    if (focus && sheet.hidden) composer.focus();
  };

  /** The browser gives the keyboard back to the launcher, but not to the page. */
  const close = (): void => {
    if (!dialog.open) return;
    dialog.close();
    if (launcher.hidden) (opener as HTMLElement | null)?.focus();
  };

  const closed = (): void => {
    hideSheet();
    changed(false);
    render();
  };

  const render = (): void => {
    const isOpen = dialog.open;
    const unread = isOpen ? 0 : chat.unread;
    badge.textContent = unread ? String(unread) : "";
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.setAttribute("aria-label", unread ? `${word("open")} (${word("unread", { count: unread })})` : word(isOpen ? "close" : "open"));
    if (!isOpen) return;
    elsewhere.hidden = !chat.messages.conversation || configuration.channels?.[0] === "";
    clearTimeout(timer);
    if (chat.state === "online") banner.textContent = "";
    else timer = setTimeout(() => (banner.textContent = word(chat.state === "refused" ? "gone" : "offline")), PATIENCE);
    list.render();
  };

  const showSheet = (title: string, ...content: Node[]): void => {
    const heading = h("h2", { tabindex: -1, id: "title" }, title);
    sheet.replaceChildren(h("div", { class: "bar" }, iconButton("back", word("back"), hideSheet), heading), ...content);
    sheet.hidden = false;
    behind.inert = true;
    heading.focus();
  };

  const hideSheet = (): void => {
    if (sheet.hidden) return;
    sheet.hidden = true;
    behind.inert = false;
    if (dialog.open) composer.focus();
  };

  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (sheet.hidden) close();
    else hideSheet();
  };

  for (const type of ["dragover", "dragleave", "drop"] as const) {
    dialog.addEventListener(type, (event) => {
      event.preventDefault();
      dialog.classList.toggle("dropping", type === "dragover");
      if (type === "drop") composer.attach(event.dataTransfer?.files);
    });
  }
  render();

  return {
    element,
    get isOpen() {
      return dialog.open;
    },
    open,
    close,
    render,
    askAboutLink: (answer) => {
      open();
      const content = askAboutLink(context, (isTheirs) => {
        hideSheet();
        answer(isTheirs);
      });
      showSheet(word("linkTitle"), ...content);
    },
    hideSheet,
  };
}
