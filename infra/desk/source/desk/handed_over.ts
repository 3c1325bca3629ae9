/** How a conversation went from one who answers to another, in words. */
import type { Controller, Entry, Party } from "../api/types.js";
import { word, wordFor } from "../language/language.js";
import { isMine } from "../live/control.js";

/** What a `conversation.control_changed` says; null for a mere sign of life. `self` is the desk's own party. */
export function handedOver({ time, data = {} }: Entry, self: string): string | null {
  const { action, by, controller, previous, offered_to: to } = data;
  const name = by ? naming("who", named(by, controller, previous), self) : "";
  switch (action) {
    case "take":
      return controller && began(controller, time) ? taken(name, previous, self) : null;
    case "offer":
      return to ? word("offeredLine", { name, other: whom(to, self) }) : null;
    case "pass":
      return word("passedLine", { name, other: whom(to ?? controller, self) });
    case "release":
      return data.reason === "timeout" ? silent(previous, self) : word("releasedLine", { name });
    default:
      return null;
  }
}

/** A party that has control already and takes it again only says that it is there. */
function began({ since }: Controller, time: string): boolean {
  return Date.parse(since) >= Date.parse(time);
}

function taken(name: string, previous: Controller | undefined, self: string): string {
  return previous ? word("tookFrom", { name, other: naming("whom", previous, self) }) : word("took", { name });
}

function silent(previous: Controller | undefined, self: string): string {
  if (!previous) return word("silent_bot");
  if (previous.name && !isMine(previous, self)) return word("silentNamed", { name: previous.name });
  return wordFor("silent", isMine(previous, self) ? "me" : previous.type);
}

function whom(party: Party | undefined, self: string): string {
  if (!party?.id) return wordFor("anyone", party?.type ?? "bot");
  return naming("whom", party, self);
}

/** A party's name as the subject (`who`) or the object (`whom`) of a sentence; what it is where it has none. */
export function naming(place: "who" | "whom", party: Party & { name?: string }, self: string): string {
  if (isMine(party, self)) return wordFor(place, "me");
  return party.name || wordFor(place, party.type);
}

/** The party with the name that it has as controller. */
function named(party: Party, ...controllers: (Controller | undefined)[]): Party & { name?: string } {
  return controllers.find((each) => each?.type === party.type && each.id === party.id) ?? party;
}
