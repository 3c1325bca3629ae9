/** The parts of a message, as the public schema names them. Text only ever becomes text. */
import type { ComponentChildren } from "preact";
import type { Media, Option, Part } from "../api/types.js";
import { size, word, wordFor } from "../language/language.js";
import { Icon } from "./icons.js";

const FOLLOWED = ["https:", "http:", "mailto:", "tel:"];
const LOADED = ["https:", "http:", "blob:"];

/** The address when its scheme is one of these, else null: never javascript:, data: and the like. */
export function safeAddress(address: string, schemes = FOLLOWED): string | null {
  try {
    const url = new URL(address, location.href);
    return schemes.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens beside this page; plain text when the address cannot be trusted. */
export function SafeLink({ address, children }: { address: string; children?: ComponentChildren }) {
  const href = safeAddress(address);
  if (!href) return <span>{children ?? address}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children ?? address}
    </a>
  );
}

/** Addresses in a text become links; everything else stays as it was written. */
export function TextWithLinks({ text }: { text: string }) {
  const pieces = text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/);
  return <>{pieces.map((piece, index) => (index % 2 ? <SafeLink key={index} address={piece} /> : piece))}</>;
}

function Stored({ media = {}, kind, title }: { media?: Media; kind: "image" | "audio" | "video" | "file"; title?: string }) {
  const address = media.url ? safeAddress(media.url, LOADED) : null;
  const name = media.filename || title || word(kind === "image" ? "picture" : "file");
  if (!address) return <Absent media={media} name={name} />;
  if (kind === "image") {
    return (
      <a class="picture" href={address} target="_blank" rel="noopener noreferrer">
        <img src={address} alt={name} loading="lazy" {...dimensions(media)} />
      </a>
    );
  }
  if (kind === "audio") return <audio src={address} controls preload="none" aria-label={name} />;
  if (kind === "video") return <video src={address} controls preload="none" aria-label={name} />;
  return (
    <a class="file" href={address} target="_blank" rel="noopener noreferrer">
      <Icon name="clip" />
      <span>{name}</span>
      {media.size !== undefined && <small>{size(media.size)}</small>}
    </a>
  );
}

function dimensions(media: Media): { width?: number; height?: number } {
  const { width, height } = media as { width?: number; height?: number };
  return width && height ? { width, height } : {};
}

function Absent({ media, name }: { media: Media; name: string }) {
  const state = media.state ?? (media.media_id ? "stored" : "pending");
  return (
    <span class="file absent">
      <Icon name="clip" />
      <span>{name}</span>
      <small>{media.url && !media.media_id ? media.url : wordFor("media", state)}</small>
    </span>
  );
}

function Card({ part }: { part: Part }) {
  const image = part.image ?? (part.image_url ? { url: part.image_url } : undefined);
  return (
    <div class="card">
      {image?.media_id && <Stored media={image} kind="image" />}
      {image && !image.media_id && image.url && <small class="quiet">{image.url}</small>}
      <strong>{part.title || part.url || part.id}</strong>
      {part.description && <span class="quiet">{part.description}</span>}
      {part.price && <span>{part.price}</span>}
      {part.url && <SafeLink address={part.url} />}
      {part.actions && part.actions.length > 0 && (
        <ul class="options">
          {part.actions.map((action) => (
            <li key={action.title}>{action.url ? <SafeLink address={action.url}>{action.title}</SafeLink> : action.title}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Choices({ part, choose }: { part: Part; choose?: (option: Option) => void }) {
  return (
    <div>
      {part.text && <p class="text">{part.text}</p>}
      <ul class="options">
        {part.options?.map((option) => (
          <li key={option.id}>
            {choose ? (
              <button type="button" onClick={() => choose(option)}>
                {option.title}
              </button>
            ) : (
              option.title
            )}
          </li>
        ))}
      </ul>
      {part.footer && <small class="quiet">{part.footer}</small>}
    </div>
  );
}

function Place({ part }: { part: Part }) {
  return (
    <div class="card">
      <strong>{part.name || word("location")}</strong>
      <span class="quiet">
        {part.latitude}, {part.longitude}
      </span>
      {part.address && <span class="quiet">{part.address}</span>}
    </div>
  );
}

function Plain({ title, lines }: { title?: string; lines: (string | undefined)[] }) {
  return (
    <div class="card">
      {title && <strong>{title}</strong>}
      {lines.filter(Boolean).map((line, index) => (
        <span class="quiet text" key={index}>
          {line}
        </span>
      ))}
    </div>
  );
}

function Unsupported({ part }: { part: Part }) {
  return (
    <details class="unsupported">
      <summary>{word("unsupported", { type: part.provider_type || part.type })}</summary>
      <pre tabIndex={0}>{part.raw ?? JSON.stringify(part, null, 1)}</pre>
    </details>
  );
}

type Shown = (part: Part, choose?: (option: Option) => void) => ComponentChildren;

const SHOWN: Record<string, Shown> = {
  text: (part) => (
    <p class="text">
      <TextWithLinks text={part.text ?? ""} />
    </p>
  ),
  image: (part) => (
    <figure>
      <Stored media={part.media} kind="image" title={part.caption} />
      {part.caption && <figcaption>{part.caption}</figcaption>}
    </figure>
  ),
  sticker: (part) => (part.media ? <Stored media={part.media} kind="image" title={part.emoji} /> : <p class="sticker">{part.emoji}</p>),
  audio: (part) => <Stored media={part.media} kind="audio" title={part.title} />,
  voice: (part) => (
    <>
      <Stored media={part.media} kind="audio" title={word("voice")} />
      {part.transcript && <p class="quiet">{part.transcript}</p>}
    </>
  ),
  video: (part) => <Stored media={part.media} kind="video" title={part.title} />,
  file: (part) => <Stored media={part.media} kind="file" />,
  location: (part) => <Place part={part} />,
  contact: (part) => <Plain title={part.name} lines={[...(part.phones ?? []), ...(part.emails ?? [])]} />,
  link: (part) => <Card part={part} />,
  card: (part) => <Card part={part} />,
  product: (part) => <Card part={part} />,
  carousel: (part) => (
    <div class="carousel" tabIndex={0}>
      {part.cards?.map((card, index) => (
        <Card part={card} key={index} />
      ))}
    </div>
  ),
  choices: (part, choose) => <Choices part={part} choose={choose} />,
  choice: (part) => <p class="text">{word("chosen", { title: part.title || part.id || "" })}</p>,
  template: (part) => <Plain title={part.name} lines={[JSON.stringify(part.parameters ?? {})]} />,
  order: (part) => <Plain title={part.title || part.id} lines={[part.total, part.state]} />,
  mini_program: (part) => <Plain title={part.title || part.app_id} lines={[part.app_id, part.page_path]} />,
  story: (part) => (part.media ? <Stored media={part.media} kind="image" /> : <Card part={part} />),
  forwarded: (part) => <Plain title={part.title} lines={[part.text, ...(part.items ?? [])]} />,
  event: (part) => <p class="quiet">{word("events", { name: wordFor("event", part.name ?? "") })}</p>,
  unsupported: (part) => <Unsupported part={part} />,
};

/** One part; `choose` makes the options of a question tappable. */
export function PartView({ part, choose }: { part: Part; choose?: (option: Option) => void }) {
  const show = SHOWN[part.type];
  return <div class={`part part-${part.type}`}>{show ? show(part, choose) : <Unsupported part={part} />}</div>;
}
