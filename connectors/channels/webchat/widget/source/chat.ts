// The chat itself, without a page: messages, what waits to be sent, who types, what is unread. Views hear `changed`.

import { ANSWERED_WITHIN, Connection, type State } from "./connection";
import { Messages } from "./messages";
import { type Entry, Outbox, type Outcome } from "./outbox";
import { type Claims, type Frame, type History, type LinkCode, type Message, type Part, Problem } from "./protocol";
import { Sessions } from "./sessions";
import { Memory } from "./storage";

const TYPING_EVERY = 4_000;
const TYPING_SHOWN = 7_000;
const FILE_LOOKS = [1_500, 3_000, 6_000, 12_000];

export interface Listener {
  changed(): void;
  arrived(message: Message): void;
  identityExpired(): void;
}

export class Chat {
  readonly messages = new Messages();
  readonly memory: Memory;
  /** What only this tab remembers, from page to page: what is being written, and whether the chat is open. */
  readonly tab: Memory;
  readonly sessions: Sessions;
  readonly outbox: Outbox;
  /** Accepted, and not seen in the conversation yet. */
  sent: Entry[] = [];
  typing = false;
  /** Whether the history has come: before, nothing that is shown is new. */
  ready = false;
  readonly #connection: Connection;
  readonly #answers = new Map<string, (outcome: Outcome) => void>();
  #looked = new Map<string, number>();
  #typedAt = 0;
  #typingTimer = 0;
  #watched = false;

  readonly #listener: Listener;

  constructor(
    address: string,
    account: string,
    listener: Listener,
  ) {
    this.#listener = listener;
    this.memory = new Memory(account);
    this.tab = new Memory(account, "sessionStorage");
    this.sessions = new Sessions(`${address}/chat/${encodeURIComponent(account)}`, this.memory);
    this.outbox = new Outbox(
      this.memory,
      () => this.sessions.user,
      (entry) => this.#deliver(entry),
      (entry, outcome) => this.#settled(entry, outcome),
    );
    this.#connection = new Connection(this.sessions, {
      after: () => this.messages.after,
      frame: (frame) => this.#receive(frame),
      history: (history) => this.#receiveHistory(history),
      state: (state, code) => this.#stateChanged(state, code),
    });
    this.memory.onChange((name) => this.#changedElsewhere(name));
  }

  get state(): State {
    return this.#connection.state;
  }

  get unread(): number {
    return this.messages.unread(this.#seen);
  }

  /** Somebody was here before, or has written something: there is something to connect for. */
  get known(): boolean {
    return Boolean(this.sessions.stored ?? this.outbox.entries.length);
  }

  start(): void {
    this.#connection.start();
  }

  /** Signs a visitor in, or out with null. */
  identify(token: string | null): void {
    const another = this.sessions.identify(token);
    if (another) {
      this.#forget();
      this.sent = [];
    }
    if (another || this.state === "refused") {
      this.#connection.stop();
      if (token || this.known || this.#watched) this.start();
      this.#listener.changed();
    }
  }

  async claim(claims: Claims): Promise<void> {
    await this.sessions.current(claims);
    this.#connection.stop();
    this.start();
  }

  write(parts: Part[]): void {
    this.#typedAt = 0;
    this.#enqueue({ parts });
  }

  /** The visitor has said that the code is theirs. */
  bring(code: string): void {
    this.#enqueue({ code });
  }

  /** The visitor looks at the conversation, or has stopped to. */
  watch(watched: boolean): void {
    this.#watched = watched;
    this.#tellRead();
  }

  tellTyping(active: boolean): void {
    if (active ? Date.now() - this.#typedAt < TYPING_EVERY : !this.#typedAt) return;
    this.#typedAt = active ? Date.now() : 0;
    this.#connection.send({ type: "typing", active });
  }

  /** Raises Problem. */
  linkCode(): Promise<LinkCode> {
    return this.sessions.call<LinkCode>("POST", "link-codes", {});
  }

  /** Looks at one message again: its files may have come, their addresses may be over. */
  async refresh({ sequence }: Message): Promise<void> {
    const looked = this.#looked;
    const path = `messages?after=${sequence - 1}&limit=1`;
    const history = await this.sessions.call<History>("GET", path).catch(() => undefined);
    const found = history?.items[0];
    if (found?.sequence === sequence && looked === this.#looked) this.#take(found);
  }

  #enqueue(content: { parts: Part[] } | { code: string }): void {
    this.outbox.add(content);
    this.start();
    this.flush();
  }

  /** What waits is shown, and sent if there is a way. */
  flush(): void {
    this.#listener.changed();
    if (this.state === "online") void this.outbox.flush();
  }

  #deliver(entry: Entry): Promise<Outcome> {
    if (this.state !== "online") return Promise.resolve("later");
    const { client_id, parts, code } = entry;
    const frame = code ? { type: "link", client_id, code } : { type: "message", client_id, parts };
    if (!this.#connection.open) return this.#post(frame);
    return new Promise((answer) => {
      const patience = setTimeout(() => {
        this.#answer(client_id, "later");
        this.#connection.lose();
      }, ANSWERED_WITHIN);
      this.#answers.set(client_id, (outcome) => {
        clearTimeout(patience);
        answer(outcome);
      });
      if (!this.#connection.send(frame)) this.#answer(client_id, "later");
    });
  }

  async #post(frame: object): Promise<Outcome> {
    try {
      await this.sessions.call("POST", "messages", frame);
      return "accepted";
    } catch (problem) {
      const { code, status } = problem as Problem;
      return !status || status === 401 || status >= 429 ? "later" : { problem: code };
    }
  }

  #answer(client_id: string, outcome: Outcome): void {
    this.#answers.get(client_id)?.(outcome);
    this.#answers.delete(client_id);
  }

  #settled(entry: Entry, outcome: Outcome): void {
    const shown = this.messages.ordered.some(({ client_id }) => client_id === entry.client_id);
    if (outcome === "accepted" && entry.parts && !shown) this.sent.push(entry);
    this.#listener.changed();
  }

  #stateChanged(state: State, code?: string): void {
    if (state !== "online") for (const name of [...this.#answers.keys()]) this.#answer(name, "later");
    if (code === "identity_token_expired") this.#listener.identityExpired();
    if (state === "online") this.flush();
    this.#listener.changed();
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case "accepted":
        this.#answer(frame.client_id, "accepted");
        break;
      case "message":
        if (!this.messages.belongs(frame.message.conversation_id)) return this.#beginAgain();
        this.#take(frame.message);
        break;
      case "typing":
        this.#showTyping(frame.active);
        break;
      case "conversation":
        return this.#beginAgain();
      case "channel_switched":
        this.messages.switched = { to: frame.to.channel, sequence: frame.sequence };
        break;
      case "resumed":
        if (!this.messages.belongs(frame.conversation_id)) return this.#beginAgain();
        this.messages.after = Math.max(this.messages.after, frame.sequence);
        if (frame.more) this.#connection.send({ type: "resume", after: frame.sequence });
        else this.#caughtUp();
        break;
      case "error":
        this.#receiveError(frame.code, frame.client_id);
    }
    this.#listener.changed();
  }

  #receiveError(code: string, client_id?: string): void {
    if (code === "not_connected") this.#connection.lose();
    else if (client_id) this.#answer(client_id, code === "unavailable" ? "later" : { problem: code });
    if (code === "unavailable") setTimeout(() => this.flush(), 2_000);
  }

  #receiveHistory(history: History): void {
    if (!this.messages.belongs(history.conversation_id)) {
      this.#forget();
      return;
    }
    this.messages.page(history);
    for (const message of history.items) this.#take(message);
    if (!history.cursor) this.#caughtUp();
  }

  #caughtUp(): void {
    this.ready = true;
    this.#tellRead();
  }

  #take(message: Message): void {
    const isNew = this.ready && message.direction === "outbound" && !this.messages.has(message);
    this.messages.put(message);
    if (message.client_id) this.#arrived(message.client_id);
    if (message.direction === "outbound") this.#showTyping(false);
    this.#lookAgain(message);
    this.#tellRead();
    this.#listener.changed();
    if (isNew) this.#listener.arrived(message);
  }

  /** A message of the visitor's is in the conversation: nothing of it waits any more. */
  #arrived(client_id: string): void {
    this.#answer(client_id, "accepted");
    this.sent = this.sent.filter((entry) => entry.client_id !== client_id);
    for (const entry of this.outbox.entries) if (entry.client_id === client_id) this.outbox.remove(entry);
  }

  /** Files settle a moment after their message; a very long message comes over HTTP alone. */
  #lookAgain(message: Message): void {
    const waits = message.truncated || message.parts.some(({ media }) => media?.state === "pending");
    const looks = this.#looked.get(message.id) ?? 0;
    const wait = message.truncated ? 0 : FILE_LOOKS[looks];
    if (!waits || wait === undefined) return;
    this.#looked.set(message.id, looks + 1);
    setTimeout(() => void this.refresh(message), wait);
  }

  #beginAgain(): void {
    this.#forget();
    this.#connection.send({ type: "resume", after: 0 });
    this.#listener.changed();
  }

  #forget(): void {
    this.messages.forget();
    this.#looked = new Map();
    this.typing = false;
    this.ready = false;
  }

  #showTyping(active: boolean): void {
    this.typing = active;
    clearTimeout(this.#typingTimer);
    if (active) this.#typingTimer = setTimeout(() => this.#receive({ type: "typing", active: false }), TYPING_SHOWN);
  }

  /** How far this visitor has read the conversation, in any tab. */
  get #seen(): number {
    const seen = this.memory.read<{ conversation: string; sequence: number }>("seen");
    return seen && seen.conversation === this.messages.conversation ? seen.sequence : 0;
  }

  #tellRead(): void {
    const sequence = this.messages.arrived;
    if (!this.#watched || document.hidden || sequence <= this.#seen) return;
    if (this.#connection.send({ type: "read", sequence })) {
      this.memory.write("seen", { conversation: this.messages.conversation, sequence });
    }
  }

  /** Another tab wrote, was accepted, has read, or has opened the session. */
  #changedElsewhere(name: string): void {
    if (name === this.sessions.name && this.sessions.stored && this.state === "idle") this.start();
    if (name.startsWith("out:") && this.state === "online") void this.outbox.flush();
    this.#listener.changed();
  }
}
