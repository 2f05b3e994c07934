import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

interface Props {
  title: string;
  /** What the button that does it says. */
  action: string;
  children: ReactNode;
  work: { isPending: boolean; error: Error | null; mutate: () => void };
  onClose: () => void;
  ready?: boolean;
  look?: "primary" | "danger";
}

/** Asks before something is done, and says why it could not be done. */
export function Ask({ title, action, children, work, onClose, ready = true, look = "danger" }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          work.mutate();
        }}
      >
        {children}
        {work.error && <p role="alert" className="text-bad">{work.error.message}</p>}
        <div className="mt-1 flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" look={look} disabled={work.isPending || !ready}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
