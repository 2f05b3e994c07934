import { useTranslation } from "react-i18next";

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

interface Props {
  text: string;
  busy?: boolean;
  error?: Error | null;
  onYes: () => void;
  onClose: () => void;
}

/** Asks before something is deleted. */
export function Confirm({ text, busy = false, error, onYes, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("common.delete")} onClose={onClose}>
      <p>{text}</p>
      {error && <p role="alert" className="mt-2 text-bad">{error.message}</p>}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button look="danger" disabled={busy} onClick={onYes}>{t("common.delete")}</Button>
      </div>
    </Dialog>
  );
}
