// The messages of one conversation, known by id and ordered by sequence, and what stands between them.

import type { History, Message } from "./protocol";

export class Messages {
  conversation: string | undefined;
  /** Everything up to here has been resumed. Live messages do not count: there may be a hole before them. */
  after = 0;
  readonly #byId = new Map<string, Message>();
  /** Where the conversation went on elsewhere last, and on which channel. */
  switched: { to: string; sequence: number } | undefined;

  forget(): void {
    this.conversation = undefined;
    this.after = 0;
    this.#byId.clear();
    this.switched = undefined;
  }

  get ordered(): Message[] {
    return [...this.#byId.values()].sort((one, other) => one.sequence - other.sequence);
  }

  has({ id }: Message): boolean {
    return this.#byId.has(id);
  }

  /** False: it is of another conversation than what is shown. */
  belongs(conversation: string | undefined): boolean {
    return !this.conversation || this.conversation === conversation;
  }

  put(message: Message): void {
    this.conversation = message.conversation_id;
    this.#byId.set(message.id, message);
  }

  /** How far a page of the HTTP history goes; its messages are put one by one. */
  page({ items, conversation_id }: History): void {
    if (conversation_id) this.conversation = conversation_id;
    this.after = Math.max(this.after, ...items.map(({ sequence }) => sequence));
  }

  /** The business has seen a message of the visitor's when it has answered it. */
  get answered(): number {
    return this.#last((message) => message.direction === "outbound" && message.author.type !== "system");
  }

  /** The last one that came to this page, and not to another channel of the visitor's. */
  get arrived(): number {
    return this.#last((message) => message.direction === "outbound" && message.channel.type === "webchat");
  }

  unread(seen: number): number {
    const answeredBy = this.#last((message) => message.direction === "inbound");
    return this.ordered.filter(
      ({ direction, channel, sequence, status }) =>
        direction === "outbound" &&
        channel.type === "webchat" &&
        status !== "read" &&
        sequence > Math.max(seen, answeredBy),
    ).length;
  }

  #last(matches: (message: Message) => boolean): number {
    return Math.max(0, ...[...this.#byId.values()].filter(matches).map(({ sequence }) => sequence));
  }
}
