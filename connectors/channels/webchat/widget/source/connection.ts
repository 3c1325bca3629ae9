// The socket, and its return: back-off, HTTP where no socket opens, and a beat that notices a dead connection.

import { type Frame, type History, Problem } from "./protocol";
import type { Sessions } from "./sessions";

export type State = "idle" | "connecting" | "online" | "offline" | "refused";

const LONGEST_WAIT = 30_000;
const LONGEST_WAIT_OVER_HTTP = 4_000;
/** API Gateway closes a socket after ten idle minutes. */
const BEAT = 240_000;
export const ANSWERED_WITHIN = 10_000;

/** Codes of refusals that end the session, and of those that only the page's owner can change. */
const OF_THE_SESSION = /session|wrong/;
const FINAL = /origin|unknown|identity/;

export interface Listener {
  /** What has been resumed, all of it: where to go on from. */
  after(): number;
  frame(frame: Frame): void;
  history(history: History): void;
  state(state: State, code?: string): void;
}

export class Connection {
  state: State = "idle";
  #socket: WebSocket | undefined;
  #wanted = false;
  #tries = 0;
  /** Counts connections begun and ended: what belongs to an earlier one has nothing to say any more. */
  #era = 0;
  #timer = 0;
  #beat = 0;
  #doubt = 0;

  readonly #sessions: Sessions;
  readonly #listener: Listener;

  constructor(
    sessions: Sessions,
    listener: Listener,
  ) {
    this.#sessions = sessions;
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.lose());
    document.addEventListener("visibilitychange", () => document.hidden || this.#check());
    // A page that may come back out of the browser's cache has no open socket.
    addEventListener("pagehide", () => this.lose());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#hurry());
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#connect();
  }

  stop(): void {
    this.#close();
    this.#wanted = false;
    this.#tries = 0;
    this.#set("idle");
  }

  send(frame: object): boolean {
    if (!this.open) return false;
    this.#socket?.send(JSON.stringify(frame));
    return true;
  }

  /** The connection is taken for dead, whatever it says of itself. */
  lose(): void {
    if (!this.#wanted) return;
    this.#close();
    this.#set("offline");
    this.#retry();
  }

  #hurry(): void {
    if (!this.#wanted || this.open) return;
    this.#tries = 0;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#close();
    if (this.state !== "offline" && this.state !== "online") this.#set("connecting");
    const era = this.#era;
    try {
      const session = await this.#sessions.current();
      if (era !== this.#era) return;
      const socket = new WebSocket(`${session.socket_url}?token=${encodeURIComponent(session.token)}`);
      this.#socket = socket;
      let opened = false;
      this.#doubt = setTimeout(() => void this.#failed(), ANSWERED_WITHIN);
      socket.onopen = () => {
        opened = true;
        this.#tries = 0;
        this.#set("online");
        this.#check();
      };
      socket.onmessage = ({ data }) => {
        if (era !== this.#era) return;
        clearTimeout(this.#doubt);
        this.#listener.frame(JSON.parse(String(data)) as Frame);
      };
      socket.onclose = () => {
        if (era !== this.#era) return;
        if (opened) this.lose();
        else void this.#failed();
      };
    } catch (problem) {
      if (era === this.#era) this.#refused(problem);
    }
  }

  /** No socket opened. That does not say why; HTTP does, and carries messages meanwhile. */
  async #failed(): Promise<void> {
    this.#close();
    const era = this.#era;
    try {
      const after = this.#listener.after();
      const history = await this.#sessions.call<History>("GET", `messages?after=${after}&limit=100`);
      if (era !== this.#era) return;
      this.#listener.history(history);
      this.#set("online");
      this.#retry(LONGEST_WAIT_OVER_HTTP);
    } catch (problem) {
      if (era === this.#era) this.#refused(problem);
    }
  }

  #refused(problem: unknown): void {
    const { code, status } = problem instanceof Problem ? problem : new Problem("offline");
    if (OF_THE_SESSION.test(code)) this.#sessions.forget();
    const final = FINAL.test(code);
    this.#set(final ? "refused" : "offline", code);
    if (final) this.#close();
    else this.#retry(status === 401 ? 1_000 : LONGEST_WAIT);
  }

  #retry(longest = LONGEST_WAIT): void {
    const wait = Math.min(longest, 500 * 2 ** this.#tries) * (0.5 + Math.random() / 2);
    this.#tries = Math.min(this.#tries + 1, 10);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  /** Asks for what may have been missed; silence means that the connection is dead. */
  #check(): void {
    clearTimeout(this.#beat);
    if (!this.open) return this.#hurry();
    this.send({ type: "resume", after: this.#listener.after() });
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => this.lose(), ANSWERED_WITHIN);
    this.#beat = setTimeout(() => this.#check(), BEAT);
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#era += 1;
    clearTimeout(this.#beat);
    clearTimeout(this.#doubt);
    clearTimeout(this.#timer);
    socket?.close();
  }

  #set(state: State, code?: string): void {
    this.state = state;
    this.#listener.state(state, code);
  }
}
