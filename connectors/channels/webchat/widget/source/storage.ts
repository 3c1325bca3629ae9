// What the widget remembers: localStorage under a name of its own, for this site and account. No cookies.

type Texts = Record<string, string>;

export class Memory {
  /** What the browser does not store, because it may not or is full: it is remembered until the page is left. */
  readonly #kept: Texts = {};
  readonly #stored: Texts;
  readonly #prefix: string;

  /** `sessionStorage`: for this tab alone. */
  constructor(account: string, kind: "localStorage" | "sessionStorage" = "localStorage") {
    this.#prefix = `onethread:${account}:`;
    try {
      this.#stored = window[kind];
    } catch {
      this.#stored = {};
    }
  }

  /** What was stored as JSON; undefined when there is nothing, or nothing that can be read. */
  read<T>(name: string): T | undefined {
    const key = this.#prefix + name;
    try {
      return JSON.parse(this.#kept[key] ?? this.#stored[key] ?? "") as T;
    } catch {
      return undefined;
    }
  }

  write(name: string, value: unknown): void {
    const key = this.#prefix + name;
    const text = JSON.stringify(value);
    try {
      this.#stored[key] = text;
    } catch {
      this.#kept[key] = text;
    }
  }

  remove(name: string): void {
    delete this.#kept[this.#prefix + name];
    delete this.#stored[this.#prefix + name];
  }

  /** The names that begin so, in their order. */
  names(beginning: string): string[] {
    const keys = [...Object.keys(this.#stored), ...Object.keys(this.#kept)].sort();
    return keys.filter((key) => key.startsWith(this.#prefix + beginning)).map((key) => key.slice(this.#prefix.length));
  }

  /** Hears what other tabs of this site have changed. */
  onChange(hear: (name: string) => void): void {
    addEventListener("storage", ({ key }) => {
      if (key?.startsWith(this.#prefix)) hear(key.slice(this.#prefix.length));
    });
  }

  /** One tab at a time, where the browser can see to that. */
  async exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    return navigator.locks ? await navigator.locks.request(this.#prefix + name, work) : work();
  }
}
