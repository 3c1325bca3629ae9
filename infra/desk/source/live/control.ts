/** Who answers in a conversation, as this desk sees it. */
import type { Controller, Conversation, Entry, Party } from "../api/types.js";

export interface Control {
  /** Who alone may reply; null while everybody may. */
  controller: Controller | null;
  /** This desk is the controller. */
  mine: boolean;
  /** This desk may take control, because it is offered to desks. */
  offered: boolean;
  /** This desk has to take control before it replies, and may. */
  takeable: boolean;
  /** Another desk answers, and has not offered it. */
  refused: boolean;
}

/** Whether an offer or a turn at control is this desk's own. */
export function isMine(party: Party | undefined, self: string): boolean {
  return party?.type === "desk" && party.id === self;
}

export function controlOf({ controller, offered_to: to, status }: Conversation, self: string): Control {
  const mine = isMine(controller, self);
  const offered = status !== "closed" && !mine && to?.type === "desk" && (!to.id || to.id === self);
  const takeable = offered || controller?.type === "bot";
  return { controller: controller ?? null, mine, offered, takeable, refused: Boolean(controller) && !mine && !takeable };
}

/** What came with the offer that stands, if the log shows it as far as it is loaded. */
export function offeredNote(lines: Entry[]): string | undefined {
  const offer = lines.findLast(({ type, data }) => type === "conversation.control_changed" && isOffer(data?.action));
  return offer?.data?.note;
}

const isOffer = (action: string | undefined): boolean => action === "offer" || action === "pass";
