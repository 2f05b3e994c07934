import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { cx } from "@/lib/classes";
import { IconButton } from "@/ui/Button";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  side?: boolean;
}

/** A modal dialog of the browser's own: it keeps the focus inside, closes with Escape and gives the focus back. */
export function Dialog({ title, onClose, children, actions, wide = false, side = false }: Props) {
  const { t } = useTranslation();
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- a click outside; the keyboard has Escape
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
      className={cx(
        "pop border border-line bg-raised p-0 shadow-raised",
        side
          ? "my-0 mr-0 ml-auto h-dvh max-h-none w-[min(100vw,520px)] max-w-none rounded-none sm:rounded-l-xl"
          : "m-auto max-h-[min(86dvh,760px)] w-[calc(100vw-24px)] rounded-xl",
        !side && (wide ? "max-w-4xl" : "max-w-lg"),
      )}
    >
      <div className="flex max-h-[inherit] flex-col" data-side={side}>
        <header className="sticky top-0 z-10 flex items-center gap-2 border-b border-line bg-raised py-2.5 pr-2.5 pl-4">
          <h2 id={id} className="min-w-0 flex-1 truncate text-sm font-semibold">
            {title}
          </h2>
          {actions}
          <IconButton label={t("common.close")} onClick={onClose}>
            <X className="size-4" aria-hidden />
          </IconButton>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
      </div>
    </dialog>
  );
}
