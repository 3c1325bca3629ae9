/** The ways to a customer, with what is left of the send window of each. */
import type { Route } from "../api/types.js";
import { channelName, span, word, wordFor } from "../language/language.js";
import { ChannelIcon } from "./icons.js";

interface RoutesProps {
  routes: Route[];
  active: string | undefined;
  chosen: Route;
  choose: (identity: string | null) => void;
}

/** One chip a route. A closed one is greyed and says why; it can be looked at, not used. */
export function Routes({ routes, active, chosen, choose }: RoutesProps) {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const open = routes.filter((route) => route.can_reply || route === chosen);
    const next = open[(open.indexOf(chosen) + step + open.length) % open.length];
    if (next) choose(next.identity_id === active ? null : next.identity_id);
    const group = (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=radio]");
    if (next) group[routes.indexOf(next)]?.focus();
  };
  return (
    <div class="routes" role="radiogroup" aria-label={word("route")} onKeyDown={move}>
      {routes.map((route) => (
        <button
          type="button"
          role="radio"
          key={route.identity_id}
          class="route"
          data-channel={route.channel}
          aria-checked={route === chosen}
          aria-disabled={!route.can_reply}
          tabIndex={route === chosen ? 0 : -1}
          title={route.identity_id === active ? word("latestTitle") : undefined}
          onClick={() => route.can_reply && choose(route.identity_id === active ? null : route.identity_id)}
        >
          <ChannelIcon channel={route.channel} />
          <span class="route-name">
            {channelName(route.channel)}
            {routes.filter((each) => each.channel === route.channel).length > 1 && ` ${route.account}`}
          </span>
          <span class="route-window">{windowText(route)}</span>
        </button>
      ))}
    </div>
  );
}

/** "47 hr left · 4 left", or why it is closed. */
function windowText(route: Route): string {
  if (!route.can_reply) return wordFor("because", route.reason ?? "window_closed");
  const texts = [];
  if (route.closes_at) texts.push(word("timeLeft", { time: span(Date.parse(route.closes_at) - Date.now()) }));
  if (route.remaining !== undefined) {
    texts.push(route.remaining === 1 ? word("leftOne") : word("left", { count: route.remaining }));
  }
  return texts.join(" · ") || word("always");
}
