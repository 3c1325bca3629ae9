/** What the whole desk shares: the API, the list, the open thread, and what the agent is looking at. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Connection } from "../api/connection.js";
import type { Api, ControlBody, ReplyBody } from "../api/api.js";
import type { ChannelAccount, Conversation, LinkCode } from "../api/types.js";
import { controlOf } from "../live/control.js";
import { Inbox } from "../live/inbox.js";
import { Store } from "../live/store.js";
import { Thread } from "../live/thread.js";

/** On a narrow screen one of these fills it. */
export type View = "list" | "thread" | "customers";
export type Dialog = "help" | "link" | null;

export interface Notice {
  text: string;
  action?: { title: string; run: () => void };
}

export class Session extends Store {
  readonly api: Api;
  readonly local: Connection["local"];
  readonly inbox: Inbox;
  thread: Thread | null = null;
  channels: ChannelAccount[] = [];
  view: View = "list";
  profile = window.innerWidth >= 1640;
  dialog: Dialog = null;
  notice: Notice | null = null;
  /** The link code that the desk showed last: on the local stack the phones can take it up. */
  offered: LinkCode | null = null;
  pane: string | null = null;
  /** A mail link that a customer has followed. */
  mailto: string | null = null;

  constructor({ api, local }: Connection) {
    super();
    this.api = api;
    this.local = local;
    this.inbox = new Inbox(api);
    this.inbox.start();
    if (!local && window.innerWidth >= 1100) this.profile = true;
    void this.learnChannels();
  }

  /** Opens a conversation; `view` is left as it is when somebody else moved us there. */
  open(id: string): void {
    this.view = "thread";
    this.notice = null;
    if (this.thread?.id !== id) {
      this.thread?.close();
      this.thread = new Thread(this.api, id, (conversation) => {
        this.inbox.take(conversation);
        if (!document.hidden && this.thread?.id === conversation.id) this.inbox.markSeen(conversation.id, conversation.sequence);
      });
    }
    this.changed();
  }

  /** Changes who answers in a conversation. Raises CallError, NoAnswer. */
  async control(id: string, body: ControlBody): Promise<void> {
    const { conversation } = await this.api.control(id, body);
    this.inbox.take(conversation);
    if (this.thread?.id === id) await this.thread.now();
  }

  /** Sends a reply; where another has to be taken over from first, it does that. Raises CallError, NoAnswer. */
  async reply(conversation: Conversation, body: ReplyBody, key: string): Promise<void> {
    if (controlOf(conversation, this.api.party).takeable) await this.api.control(conversation.id, { action: "take" });
    await this.api.reply(conversation.id, body, key);
  }

  set(change: Partial<Pick<Session, "view" | "profile" | "dialog" | "notice" | "offered" | "pane" | "mailto">>): void {
    Object.assign(this, change);
    this.changed();
  }

  private async learnChannels(): Promise<void> {
    try {
      this.channels = await this.api.channels();
      this.changed();
    } catch {
      // Limits are a courtesy: without them the API still says what does not fit.
      this.channels = [];
    }
  }
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session");
  return session;
}
