import { Check, Copy as CopyIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "@/ui/Button";

export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  return (
    <IconButton
      label={t(done ? "common.copied" : "common.copy")}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => { setDone(false); }, 1500);
        });
      }}
    >
      {done ? <Check className="size-4 text-good" aria-hidden /> : <CopyIcon className="size-4" aria-hidden />}
    </IconButton>
  );
}

/** Text to paste elsewhere. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div className="relative rounded-lg border border-line bg-sunken">
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, by keyboard too */}
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto p-3 pr-11 font-mono text-xs leading-5">{text}</pre>
      <div className="absolute top-1 right-1 rounded-lg bg-sunken"><CopyButton text={text} /></div>
    </div>
  );
}
