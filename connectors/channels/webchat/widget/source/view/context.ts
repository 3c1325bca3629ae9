// What every view knows: the page's words and wishes, and the chat.

import type { Chat } from "../chat";
import type { Configuration } from "../configuration";

export interface Context {
  readonly configuration: Configuration;
  readonly chat: Chat;
  /** The text of that name, with its gaps filled; undefined when there is none. */
  word(name: string, values?: Record<string, string | number>): string;
  /** Says something to those who listen to the page instead of looking at it. */
  announce(text: string): void;
}

export function channelName({ word }: Context, channel: string): string {
  return word(channel) || channel[0]?.toUpperCase() + channel.slice(1);
}

export function errorText({ word }: Context, code: string): string {
  return word(code) || word("error");
}

export function fileSize(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
