/** The language and the appearance that were chosen, and words, times and sizes in that language. */
import { Store } from "../live/store.js";
import { en, type Words } from "./en.js";
import { zh } from "./zh-CN.js";

type Language = "en" | "zh-CN";
export type Theme = "auto" | "light" | "dark";
export type Word = keyof Words;

const LANGUAGE = "onethread.desk.language";
const THEME = "onethread.desk.theme";
const WORDS: Record<Language, Words> = { en, "zh-CN": zh };
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

class Preferences extends Store {
  language: Language = firstLanguage();
  theme: Theme = (localStorage.getItem(THEME) as Theme | null) ?? "auto";

  apply(): void {
    const root = document.documentElement;
    root.lang = this.language;
    if (this.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = this.theme;
    this.changed();
  }

  nextLanguage(): void {
    this.language = this.language === "en" ? "zh-CN" : "en";
    localStorage.setItem(LANGUAGE, this.language);
    this.apply();
  }

  nextTheme(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? "auto";
    localStorage.setItem(THEME, this.theme);
    this.apply();
  }
}

function firstLanguage(): Language {
  const asked = localStorage.getItem(LANGUAGE) || document.documentElement.dataset.lang || navigator.language;
  return asked.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const preferences = new Preferences();

/** The word with its {names} filled in. */
export function word(key: Word, values: Record<string, string | number> = {}): string {
  return fill(WORDS[preferences.language][key], values);
}

/** The word for a value of the API, such as `evidence_code`; the value itself if there is none. */
export function wordFor(prefix: string, value: string): string {
  const words: Record<string, string> = WORDS[preferences.language];
  return words[`${prefix}_${value}`] ?? value.replaceAll("_", " ");
}

/** The channel's name: ours if there is one, else what the API calls it. */
export function channelName(channel: string): string {
  const words: Record<string, string> = WORDS[preferences.language];
  return words[channel] ?? channel.replaceAll("_", " ");
}

/** Several channels, each once, as one reads them. */
export function channelNames(channels: string[]): string {
  const names = [...new Set(channels)].map(channelName);
  return new Intl.ListFormat(preferences.language, { type: "conjunction" }).format(names);
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Clock time today, else the date with it. */
export function clock(moment: string | number): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const today = date.toDateString() === new Date().toDateString();
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hour12: false };
  return date.toLocaleString(preferences.language, today ? options : { ...options, month: "short", day: "numeric" });
}

/** A span of time in its largest unit: "4 min". */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [amount, unit] =
    seconds < 60
      ? [seconds, "second"]
      : seconds < 3600
        ? [Math.floor(seconds / 60), "minute"]
        : seconds < 3 * 86400
          ? [Math.floor(seconds / 3600), "hour"]
          : [Math.floor(seconds / 86400), "day"];
  const options: Intl.NumberFormatOptions = { style: "unit", unit: unit as string, unitDisplay: "short" };
  return new Intl.NumberFormat(preferences.language, options).format(amount as number);
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}
