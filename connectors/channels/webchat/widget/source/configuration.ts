// What the page says: attributes of the script tag, and its own words in a JSON script.

import { CHINESE } from "./texts/chinese";
import { ENGLISH, type Texts } from "./texts/english";

export interface Configuration {
  account: string;
  /** Where onethread is, without a slash at the end. */
  base: string;
  name: string;
  color: string;
  /** Where lines of text begin, or where they end (anything else). */
  position: string | undefined;
  /** light, dark, or as the visitor has it (anything else). */
  theme: string | undefined;
  language: string;
  direction: "ltr" | "rtl";
  /** False: the page has a button of its own. */
  launcher: boolean;
  /** The channels that a conversation can be continued on, in this order; undefined: all that there are. */
  channels: string[] | undefined;
  texts: Texts;
}

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;
const COLOR = /^#[\da-f]{6}$/i;
const DEFAULT_COLOR = "#2457d6";

export function readConfiguration(script: HTMLScriptElement): Configuration {
  const { account = "main", base, name, color = "", position, theme, lang, dir, greeting, launcher, channels } =
    script.dataset;
  const language = lang || document.documentElement.lang || navigator.language;
  const texts = { ...(/^zh\b/i.test(language) ? CHINESE : ENGLISH), ...pageTexts() };
  if (greeting !== undefined) texts.greeting = greeting;
  return {
    account,
    base: (base ?? new URL(".", script.src).href).replace(/\/+$/, ""),
    name: name || texts.title,
    color: COLOR.test(color) ? color : DEFAULT_COLOR,
    position,
    theme,
    language,
    direction: dir === "rtl" || (!dir && RIGHT_TO_LEFT.test(language)) ? "rtl" : "ltr",
    launcher: launcher !== "none",
    channels: channels?.split(/[\s,]+/),
    texts,
  };
}

/** A page's mistake leaves ours. */
function pageTexts(): Partial<Texts> {
  try {
    return JSON.parse(document.getElementById("onethread-texts")!.textContent!) as Partial<Texts>;
  } catch {
    return {};
  }
}
