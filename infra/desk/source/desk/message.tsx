/** A message at the desk: what was said, on which channel, what it lost on the way, and how far it came. */
import type { Attempt, Degradation, Message } from "../api/types.js";
import { channelName, clock, word, wordFor } from "../language/language.js";
import { ChannelIcon, Tick } from "./icons.js";
import { PartView } from "./parts.js";

export function MessageView({ message }: { message: Message }) {
  const outbound = message.direction === "outbound";
  const only = message.parts.length > 0 && message.parts.every((part) => part.type === "event");
  const kind = only ? "event" : outbound ? "ours" : "theirs";
  return (
    <article class={`message ${kind} ${message.status === "failed" ? "failed" : ""}`} data-sequence={message.sequence}>
      <div class="bubble">
        {message.email?.subject && <p class="subject">{message.email.subject}</p>}
        {message.deleted_at ? (
          <p class="quiet">{word("deleted")}</p>
        ) : (
          message.parts.map((part, index) => <PartView part={part} key={index} />)
        )}
        <Losses losses={message.degradations ?? []} />
      </div>
      <Way attempts={message.attempts ?? []} />
      {message.status === "failed" && message.error && (
        <p class="refusal">
          {wordFor("tick", "failed")}: {message.error.title || message.error.code}
        </p>
      )}
      <p class="meta">
        <Origin message={message} />
        <ChannelIcon channel={message.channel.type} named />
        <time dateTime={message.occurred_at}>{clock(message.occurred_at)}</time>
        {message.late && (
          <span class="late" title={word("lateHint")}>
            {word("late")}
          </span>
        )}
        {message.edited_at && <span>{word("edited")}</span>}
        {outbound && message.status && <Tick status={message.status} detail={message.error?.code} />}
      </p>
    </article>
  );
}

function Origin({ message }: { message: Message }) {
  if (message.origin === "bot") return <span>{message.author.name || word("byBot")}</span>;
  if (message.origin === "echo") return <span>{word("byEcho")}</span>;
  if (message.origin === "system") return <span>{word("bySystem")}</span>;
  return message.direction === "outbound" && message.author.name ? <span>{message.author.name}</span> : null;
}

function Losses({ losses }: { losses: Degradation[] }) {
  if (!losses.length) return null;
  return (
    <ul class="losses">
      {losses.map((loss, index) => (
        <li key={index}>
          {loss.from !== loss.to && <span>{word("lossOf", { from: loss.from, to: loss.to })}</span>}
          {loss.lost && loss.lost.length > 0 && <span>{word("lost", { lost: loss.lost.join(", ").replaceAll("_", " ") })}</span>}
          {loss.from === loss.to && !loss.lost?.length && <span>{word("lossParts")}</span>}
        </li>
      ))}
    </ul>
  );
}

/** The routes that a message took, when it took more than one. */
function Way({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length < 2) return null;
  return (
    <ol class="way" aria-label={word("way")}>
      {attempts.map((attempt, index) => (
        <li key={index}>
          <ChannelIcon channel={attempt.channel} /> {channelName(attempt.channel)}
          {": "}
          {attempt.reason ? wordFor("because", attempt.reason) : wordFor("tick", attempt.status)}
        </li>
      ))}
    </ol>
  );
}
