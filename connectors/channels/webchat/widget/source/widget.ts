// The widget of one page: read what the page says, make the shadow root, and answer to window.onethread.

import { Chat } from "./chat";
import { palette } from "./color";
import { type Configuration, readConfiguration } from "./configuration";
import type { Claims } from "./protocol";
import style from "./style.css";
import type { Context } from "./view/context";
import { h } from "./view/elements";
import { createPanel, SMALL } from "./view/panel";

const LINK = /^#onethread=([\w-]{8,9})$/;
/** What happens in the chat is not the page's to hear: its own shortcuts must not answer to what is typed here. */
const KEPT_IN = ["keydown", "keyup", "keypress", "input", "beforeinput", "paste", "copy", "cut", "drop", "dragover"];

interface Events {
  open: null;
  close: null;
  unread: number;
  identity_expired: null;
}

export interface Onethread {
  open(): void;
  close(): void;
  /** Signs a visitor in with the token that your server has made, or out with null. */
  identify(token: string | null): void;
  /** What the visitor says of themselves. It proves nothing. */
  claim(claims: Claims): Promise<void>;
  /** Of `unread` the listener hears how many there are. */
  on<Name extends keyof Events>(event: Name, listener: (value: Events[Name]) => void): void;
}

declare global {
  interface Window {
    onethread?: Partial<Onethread> & { ready?: (onethread: Onethread) => void };
  }
}

function start(script: HTMLScriptElement): void {
  const configuration = readConfiguration(script);
  const events = new EventTarget();
  const emit = (name: keyof Events, detail?: number): boolean => events.dispatchEvent(new CustomEvent(name, { detail }));
  const spoken = h("div", { class: "hidden", "aria-live": "polite" });
  const context: Context = {
    configuration,
    word: (name, values = {}) => {
      const text = (configuration.texts as Record<string, unknown>)[name] ?? "";
      return String(text).replace(/\{(\w+)\}/g, (_, gap: string) => String(values[gap]));
    },
    announce: (text: string) => (spoken.textContent = text),
    chat: new Chat(configuration.base, configuration.account, {
      changed: () => changed(),
      arrived: ({ author, text }) => panel.isOpen || context.announce(`${author.name ?? configuration.name}: ${text}`),
      identityExpired: () => emit("identity_expired"),
    }),
  };
  const { chat } = context;
  let unread = 0;
  let asked = 0;
  const changed = (): void => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => panel.render());
    if (chat.unread !== unread) emit("unread", (unread = chat.unread));
  };
  const panel = createPanel(context, (isOpen) => {
    chat.tab.write("open", isOpen);
    if (isOpen) chat.start();
    chat.watch(isOpen);
    emit(isOpen ? "open" : "close");
  });
  document.addEventListener("visibilitychange", () => chat.watch(panel.isOpen));
  mount(configuration, panel.element, spoken);
  if (chat.known) chat.start();
  if (chat.tab.read("open") && !matchMedia(SMALL).matches) panel.open(false);
  const takeCode = (): void => {
    const code = LINK.exec(location.hash)?.[1];
    if (!code) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    panel.askAboutLink((isTheirs) => isTheirs && chat.bring(code));
  };
  addEventListener("hashchange", takeCode);
  takeCode();

  const onethread: Onethread = {
    open: () => panel.open(),
    close: () => panel.close(),
    identify: (token) => {
      panel.hideSheet();
      chat.identify(token);
    },
    claim: (claims) => chat.claim(claims),
    on: (name, listener) => events.addEventListener(name, (event) => listener((event as CustomEvent).detail)),
  };
  const early = window.onethread?.ready;
  window.onethread = onethread;
  early?.(onethread);
}

function mount(configuration: Configuration, ...content: HTMLElement[]): void {
  const host = document.createElement("onethread-widget");
  const root = host.attachShadow({ mode: "open" });
  addStyles(root, style + palette(configuration.color));
  for (const element of content) {
    element.lang = configuration.language;
    element.dir = configuration.direction;
  }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const setTheme = (): void => {
    const { theme } = configuration;
    for (const { dataset } of content) dataset["theme"] = theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : "";
  };
  dark.addEventListener("change", setTheme);
  setTheme();
  root.append(...content);
  for (const name of KEPT_IN) root.addEventListener(name, (event) => event.stopPropagation());
  document.body.append(host);
}

/** A constructed style sheet is not inline style: the strictest policy lets it be. */
function addStyles(root: ShadowRoot, text: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(h("style", {}, text));
  }
}

const found = document.currentScript ?? document.querySelector("script[data-account]");
if (found instanceof HTMLScriptElement && !window.onethread?.open) {
  if (document.body) start(found);
  else document.addEventListener("DOMContentLoaded", () => start(found));
}
