/** Files on their way to a reply. */
import { useEffect, useState } from "preact/hooks";
import { explain } from "../api/call.js";
import type { Media } from "../api/types.js";
import { word } from "../language/language.js";
import { Icon } from "./icons.js";
import { useSession } from "./session.js";

export interface Attachment {
  key: number;
  file: File;
  media?: Media;
  problem?: string;
}

interface Files {
  items: Attachment[];
  add(files: FileList | null | undefined): void;
  remove(key: number): void;
  clear(): void;
}

let nextKey = 1;

export function useAttachments(): Files {
  const session = useSession();
  const [items, setItems] = useState<Attachment[]>([]);
  const update = (key: number, change: Partial<Attachment>): void =>
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...change } : item)));
  return {
    items,
    add(files) {
      for (const file of files ?? []) {
        const key = nextKey++;
        setItems((all) => [...all, { key, file }]);
        session.api.upload(file).then(
          (media) => update(key, { media }),
          (error: unknown) => update(key, { problem: explain(error) }),
        );
      }
    },
    remove: (key) => setItems((all) => all.filter((item) => item.key !== key)),
    clear: () => setItems([]),
  };
}

/** A picture before it is sent. */
function Look({ file }: { file: File }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address ? <img src={address} alt="" width="28" height="28" /> : null;
}

export function Attachments({ files }: { files: Files }) {
  if (!files.items.length) return null;
  return (
    <ul class="attachments" aria-label={word("attachments")}>
      {files.items.map(({ key, file, media, problem }) => (
        <li key={key} class={problem ? "bad" : ""}>
          {file.type.startsWith("image/") ? <Look file={file} /> : <Icon name="clip" />} <span>{file.name}</span>
          <small>{problem ?? (media ? "" : word("uploading"))}</small>
          <button
            type="button"
            class="icon-button"
            aria-label={word("removeFile", { name: file.name })}
            onClick={() => files.remove(key)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
