/** Which API this page talks to: the local stack's, if it is served by one, or the one that the agent names. */
import { Api } from "./api.js";
import { call } from "./call.js";

/** What the local stack's front server tells its own page. */
export interface LocalSettings {
  api_key: string;
  accounts: Record<string, string[]>;
  providers: string[];
}

export interface Connection {
  api: Api;
  local: LocalSettings | null;
}

const STORED = "onethread.desk.connection";

export async function findConnection(): Promise<Connection | null> {
  const local = await localSettings();
  if (local) return { api: new Api("", local.api_key), local };
  const stored = sessionStorage.getItem(STORED);
  if (!stored) return null;
  const { address, key } = JSON.parse(stored) as { address: string; key: string };
  return { api: new Api(address, key), local: null };
}

/** Proves address and key by a call, and remembers them for this tab alone. Raises CallError, or TypeError for no answer. */
export async function signIn(address: string, key: string): Promise<Connection> {
  const base = new URL(address).href.replace(/\/+$/, "");
  const api = new Api(base, key);
  await api.conversations(undefined, 1);
  sessionStorage.setItem(STORED, JSON.stringify({ address: base, key }));
  return { api, local: null };
}

export function signOut(): void {
  sessionStorage.removeItem(STORED);
  location.reload();
}

/** A static host answers with an error, or with a page of its own: then there is no local stack. */
async function localSettings(): Promise<LocalSettings | null> {
  if (!["127.0.0.1", "localhost", "[::1]"].includes(location.hostname)) return null;
  try {
    return await call<LocalSettings>("GET", "/_local/settings.json");
  } catch {
    return null;
  }
}
