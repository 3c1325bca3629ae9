import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { word } from "../language/language.js";
import { Icon } from "./icons.js";

interface Props {
  title: string;
  id: string;
  close: () => void;
  children: ComponentChildren;
}

/** A modal dialog of the browser's own: it keeps the focus, closes on Escape, and gives the focus back. */
export function Dialog({ title, id, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      id={id}
      ref={dialog}
      aria-labelledby={`${id}-title`}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="dialog">
        <div class="dialog-head">
          <h2 id={`${id}-title`}>{title}</h2>
          <button type="button" class="icon-button" aria-label={word("close")} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
