/** One open conversation: its log, its messages as they are now, and the customer. */
import type { Api } from "../api/api.js";
import type { Conversation, Customer, Entry, Media, Message } from "../api/types.js";
import { type Poll, poll } from "./polling.js";
import { Store } from "./store.js";

const EVERY = 1000;
const AT_ONCE = 100;
/** Statuses and files change beside the log: what is not final is asked for again every so many rounds. */
const UNSETTLED_ROUNDS = 3;
const UNSETTLED_REACH = 40;
const UNSETTLED_SECONDS = 3600;
/** Addresses of files work for 15 minutes. */
const ADDRESS_KEPT = 600_000;

export class Thread extends Store {
  conversation: Conversation | null = null;
  customer: Customer | null = null;
  private changedLast = false;
  problem: unknown = null;
  readonly entries = new Map<number, Entry>();
  readonly messages = new Map<number, Message>();
  private readonly addresses = new Map<string, { url: string; at: number }>();
  private rounds = 0;
  private readonly polling: Poll;

  constructor(
    private readonly api: Api,
    readonly id: string,
    private readonly told: (conversation: Conversation) => void,
  ) {
    super();
    this.polling = poll(() => this.refresh(), EVERY, (error) => {
      this.problem = error;
      if (error) this.changed();
    });
  }

  close(): void {
    this.polling.stop();
  }

  now(): Promise<void> {
    return this.polling.now();
  }

  /** The log as it is read: oldest first. */
  lines(): Entry[] {
    return [...this.entries.values()].sort((one, other) => one.sequence - other.sequence);
  }

  get first(): number {
    return Math.min(...this.entries.keys());
  }

  get last(): number {
    return Math.max(0, ...this.entries.keys());
  }

  /** The page of the log before what is shown. */
  async earlier(): Promise<void> {
    const from = Math.max(0, this.first - AT_ONCE - 1);
    await this.read(from, this.first - from - 1);
    this.changed();
  }

  async learnCustomer(): Promise<void> {
    if (!this.conversation) return;
    this.customer = await this.api.customer(this.conversation.customer_id);
    this.changed();
  }

  private async refresh(): Promise<void> {
    const before = this.conversation;
    const conversation = await this.api.conversation(this.id);
    this.conversation = conversation;
    const start = this.entries.size ? this.last : Math.max(0, conversation.sequence - AT_ONCE);
    if (conversation.sequence > start) await this.readFrom(start, conversation.sequence);
    else await this.settle();
    this.told(conversation);
    const same = before?.sequence === conversation.sequence && before.customer_id === conversation.customer_id;
    // What customers say of themselves is noted just after their message: one look more, a round later.
    if (!this.customer || !same || this.changedLast) await this.learnCustomer();
    this.changedLast = !same;
    this.changed();
  }

  private async readFrom(start: number, end: number): Promise<void> {
    let after = start;
    while (after < end) {
      const reached = await this.read(after, AT_ONCE);
      if (reached <= after) return;
      after = reached;
    }
  }

  /** Reads entries and messages after a sequence; answers the last sequence it came to. */
  private async read(after: number, limit: number): Promise<number> {
    const [entries, messages] = await Promise.all([
      this.api.events(this.id, after, limit),
      this.api.messages(this.id, after, limit),
    ]);
    this.take(messages.items);
    for (const entry of entries.items) this.entries.set(entry.sequence, entry);
    const changed = entries.items.map((entry) => entry.data?.message_sequence).filter((sequence) => sequence !== undefined);
    for (const sequence of changed) await this.again(sequence - 1, 1);
    return Math.max(after, ...entries.items.map((entry) => entry.sequence));
  }

  private async settle(): Promise<void> {
    this.rounds += 1;
    if (this.rounds % UNSETTLED_ROUNDS) return;
    const unsettled = [...this.messages.values()].filter((message) => message.sequence > this.last - UNSETTLED_REACH && moves(message));
    const first = Math.min(...unsettled.map((message) => message.sequence));
    if (Number.isFinite(first)) await this.again(first - 1, UNSETTLED_REACH);
  }

  private async again(after: number, limit: number): Promise<void> {
    this.take((await this.api.messages(this.id, after, limit)).items);
  }

  /** Files get new addresses each time they are asked for; those that still work are kept, so that nothing loads twice. */
  private take(messages: Message[]): void {
    for (const message of messages) {
      for (const part of message.parts) if (part.media) this.keepAddress(part.media);
      this.messages.set(message.sequence, message);
    }
  }

  private keepAddress(media: Media): void {
    const { media_id: id, url } = media;
    if (!id || !url) return;
    const known = this.addresses.get(id);
    if (known && Date.now() - known.at < ADDRESS_KEPT) media.url = known.url;
    else this.addresses.set(id, { url, at: Date.now() });
  }
}

function moves(message: Message): boolean {
  if (message.parts.some((part) => part.media?.state === "pending")) return true;
  if (message.direction === "inbound" || message.status === "read") return false;
  return Date.now() - Date.parse(message.occurred_at) < UNSETTLED_SECONDS * 1000;
}
