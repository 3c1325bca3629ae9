// What the visitor has written and the server has not taken yet: kept across pages, sent once, in order.
//
// Every entry has a name of its own in the storage, so that tabs do not overwrite each other; the names sort by time.

import type { Part } from "./protocol";
import type { Memory } from "./storage";

export interface Entry {
  name: string;
  client_id: string;
  /** Who wrote it: it is never sent as somebody else. */
  user: string;
  at: string;
  parts?: Part[];
  /** A link code, in place of parts. */
  code?: string;
  /** Why the server refused it; it is not sent again until the visitor says so. */
  problem?: string;
}

export type Outcome = "accepted" | "later" | { problem: string };

let last = 0;

export class Outbox {
  #running = false;
  #again = false;

  readonly #memory: Memory;
  readonly #user: () => string;
  readonly #deliver: (entry: Entry) => Promise<Outcome>;
  readonly #changed: (entry: Entry, outcome: Outcome) => void;

  constructor(
    memory: Memory,
    user: () => string,
    deliver: (entry: Entry) => Promise<Outcome>,
    changed: (entry: Entry, outcome: Outcome) => void,
  ) {
    this.#memory = memory;
    this.#user = user;
    this.#deliver = deliver;
    this.#changed = changed;
  }

  /** What waits or was refused, in order. */
  get entries(): Entry[] {
    const all = this.#memory.names("out:").map((name) => this.#memory.read<Entry>(name));
    return all.filter((entry): entry is Entry => entry?.user === this.#user());
  }

  add(content: { parts: Part[] } | { code: string }): void {
    last = Math.max(Date.now(), last + 1);
    const client_id = `${last}:${Math.random().toString(36).slice(2)}`;
    const name = `out:${client_id}`;
    this.#memory.write(name, { name, client_id, user: this.#user(), at: new Date(last).toISOString(), ...content });
  }

  remove(entry: Entry): void {
    this.#memory.remove(entry.name);
  }

  retry(entry: Entry): void {
    const { problem: _, ...fresh } = entry;
    this.#memory.write(entry.name, fresh);
  }

  /** Sends what waits, each after the one before it was accepted. */
  async flush(): Promise<void> {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#memory.exclusively("outbox", async () => {
        while (this.#again) {
          this.#again = false;
          await this.#sendAll();
        }
      });
    } finally {
      this.#running = false;
    }
  }

  async #sendAll(): Promise<void> {
    for (let entry; (entry = this.entries.find(({ problem }) => !problem)); ) {
      const outcome = await this.#deliver(entry);
      if (outcome === "later") return;
      if (outcome === "accepted") this.remove(entry);
      else this.#memory.write(entry.name, { ...entry, ...outcome });
      this.#changed(entry, outcome);
    }
  }
}
