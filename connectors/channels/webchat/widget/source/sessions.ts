// Sessions: who the visitor is to the server. One anonymous session, and one for each user that the page has named.

import { type Claims, Problem, type Session } from "./protocol";
import type { Memory } from "./storage";

const RENEW_BEFORE = 2 * 86_400;

export class Sessions {
  /** The user that the page has signed in; empty: anonymous. */
  user = "";
  #identityToken: string | undefined;

  readonly #memory: Memory;

  constructor(
    readonly address: string,
    memory: Memory,
  ) {
    this.#memory = memory;
  }

  get stored(): Session | undefined {
    const session = this.#memory.read<Session>(this.name);
    return session && session.expires_at > Date.now() / 1000 ? session : undefined;
  }

  /** The name under which this user's session is remembered. */
  get name(): string {
    return `session:${this.user}`;
  }

  /** Whether this is somebody else than before. The page's token is kept for as long as the page is open; without one
   * everybody who was signed in here is forgotten. */
  identify(token: string | null): boolean {
    const before = this.user;
    this.user = token ? subject(token) : "";
    this.#identityToken = token ?? undefined;
    if (!token) {
      for (const name of this.#memory.names("session:")) if (name !== "session:") this.#memory.remove(name);
    }
    return this.user !== before;
  }

  /** The session, opened or renewed where need be. Two tabs that begin at once begin as one visitor. */
  async current(claims?: Claims): Promise<Session> {
    return this.#memory.exclusively("session", async () => {
      // The page may name somebody else while the answer is on its way.
      const { stored, name, user } = this;
      if (stored && !claims && stored.expires_at - Date.now() / 1000 > RENEW_BEFORE) return stored;
      const body = { identity_token: this.#identityToken, claims };
      const session = await this.call<Session>("POST", "sessions", body, user ? "" : stored?.token);
      this.#memory.write(name, session);
      return session;
    });
  }

  forget(): void {
    this.#memory.remove(this.name);
  }

  /** Raises Problem. */
  async call<T>(method: string, resource: string, body?: unknown, token = this.stored?.token): Promise<T> {
    const headers: Record<string, string> = {};
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const content = body ? { body: JSON.stringify(body) } : {};
    let answer: Response;
    try {
      answer = await fetch(`${this.address}/${resource}`, { method, headers, credentials: "omit", ...content });
    } catch {
      throw new Problem("offline");
    }
    const value = (await answer.json().catch(() => ({}))) as T & { code?: string };
    if (!answer.ok) throw new Problem(value.code ?? "unavailable", answer.status);
    return value;
  }
}

/** Whom a token is about, so that each user's session is kept apart; whether it is genuine is for the server to say. */
function subject(token: string): string {
  try {
    const claims = atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/"));
    return (JSON.parse(claims) as { sub: string }).sub;
  } catch {
    return "?";
  }
}
