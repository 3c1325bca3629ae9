/** The list of conversations, with names, last words, and what is unread. */
import type { Api } from "../api/api.js";
import type { Conversation, Customer, Message } from "../api/types.js";
import { word } from "../language/language.js";
import { type Poll, poll } from "./polling.js";
import { Store } from "./store.js";

const EVERY = 2000;
const AT_ONCE = 4;
const MOST_SEARCHED = 1000;
const SEEN = "onethread.desk.seen";

export interface Preview {
  sequence: number;
  /** The last message, if there has been one lately. */
  message?: Message;
  /** Sequences of what the customer wrote since we last answered. */
  inbound: number[];
}

export class Inbox extends Store {
  readonly conversations = new Map<string, Conversation>();
  readonly customers = new Map<string, Customer>();
  readonly previews = new Map<string, Preview>();
  problem: unknown = null;
  loaded = false;
  complete = false;
  private cursor: string | undefined;
  /** Conversations whose names and last words are being asked for. */
  private readonly lookedUp = new Set<string>();
  private seen: Record<string, number> = JSON.parse(localStorage.getItem(SEEN) ?? "{}");
  private polling: Poll | null = null;

  constructor(private readonly api: Api) {
    super();
  }

  start(): void {
    this.polling = poll(() => this.refresh(), EVERY, (error) => {
      if (this.problem === error) return;
      this.problem = error;
      this.changed();
    });
  }

  stop(): void {
    this.polling?.stop();
  }

  async now(): Promise<void> {
    await this.polling?.now();
  }

  /** Most recently active first. */
  sorted(): Conversation[] {
    return [...this.conversations.values()].sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  }

  name(customerId: string): string {
    const customer = this.customers.get(customerId);
    return nameOf(customer) || word("somebody", { id: customerId.slice(-4) });
  }

  /** How many messages of the customer have not been looked at; those further back than the last few are not counted. */
  unread(conversation: Conversation): number {
    const seen = this.seen[conversation.id] ?? 0;
    return this.previews.get(conversation.id)?.inbound.filter((sequence) => sequence > seen).length ?? 0;
  }

  markSeen(id: string, sequence: number): void {
    if ((this.seen[id] ?? 0) >= sequence) return;
    this.seen[id] = sequence;
    localStorage.setItem(SEEN, JSON.stringify(this.seen));
    this.changed();
  }

  /** Takes a fresher view of one conversation than the list had. */
  take(conversation: Conversation): void {
    this.takePage([conversation]);
  }

  async learnCustomer(id: string): Promise<void> {
    this.customers.set(id, await this.api.customer(id));
    this.changed();
  }

  /** The next page of older conversations. */
  async more(): Promise<void> {
    if (!this.cursor) return;
    const page = await this.api.conversations(this.cursor, 100);
    this.cursor = page.cursor;
    this.complete = !page.cursor;
    this.takePage(page.items);
  }

  /** Loads pages until there is nothing older, or so much that a search over it makes no sense. */
  async everything(): Promise<void> {
    while (!this.complete && this.cursor && this.conversations.size < MOST_SEARCHED) await this.more();
  }

  private async refresh(): Promise<void> {
    const page = await this.api.conversations();
    if (!this.loaded) {
      this.cursor = page.cursor;
      this.complete = !page.cursor;
    }
    this.takePage(page.items);
    this.loaded = true;
    this.changed();
  }

  private takePage(items: Conversation[]): void {
    for (const item of items) {
      const known = this.conversations.get(item.id);
      if (!known || known.sequence <= item.sequence) this.conversations.set(item.id, item);
    }
    this.changed();
    for (let free = AT_ONCE - this.lookedUp.size; free > 0; free -= 1) void this.lookUpStale();
  }

  /** Looks up what is new, the latest first, until there is nothing. */
  private async lookUpStale(): Promise<void> {
    for (let next = this.stale(); next; next = this.stale()) {
      this.lookedUp.add(next.id);
      try {
        await this.lookUp(next);
      } catch (error) {
        this.problem = error;
        return;
      } finally {
        this.lookedUp.delete(next.id);
        this.changed();
      }
    }
  }

  private stale(): Conversation | undefined {
    const isStale = ({ id, sequence }: Conversation): boolean =>
      this.previews.get(id)?.sequence !== sequence && !this.lookedUp.has(id);
    return this.sorted().find(isStale);
  }

  /** The customer and the last message, whenever something has happened. */
  private async lookUp({ id, customer_id: customerId, sequence }: Conversation): Promise<void> {
    const known = this.previews.get(id);
    const [customer, page] = await Promise.all([this.api.customer(customerId), this.api.messages(id, sequence - 10, 10)]);
    this.customers.set(customerId, customer);
    const answered = page.items.findLastIndex((message) => message.direction === "outbound");
    this.previews.set(id, {
      sequence,
      message: page.items.at(-1) ?? known?.message,
      inbound: page.items.slice(answered + 1).filter(isSaid).map((message) => message.sequence),
    });
  }
}

/** That somebody followed or scanned a code is no message to be read. */
function isSaid({ parts }: Message): boolean {
  return parts.some(({ type }) => type !== "event");
}

export function nameOf(customer: Customer | undefined): string | undefined {
  return customer?.name || customer?.identities.map((identity) => identity.name).find(Boolean);
}
