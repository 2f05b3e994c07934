import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "@/api/client";
import { cx } from "@/lib/classes";
import { Button } from "@/ui/Button";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("skeleton", className)} />;
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  className?: string;
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children, icon, className }: EmptyProps) {
  return (
    <div className={cx("flex flex-col items-center justify-center gap-1.5 px-6 py-8 text-center", className)}>
      {icon && <div className="mb-1 flex size-9 items-center justify-center rounded-xl bg-hover text-muted">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-sm text-muted">{children}</div>}
    </div>
  );
}

interface FailureProps {
  error: Error;
  onRetry?: () => void;
  className?: string;
}

/** What went wrong, in the server's words, and another try. */
export function Failure({ error, onRetry, className }: FailureProps) {
  const { t } = useTranslation();
  const words = error instanceof ApiError ? error.message : t("common.offline");
  return (
    <div role="alert" className={cx("flex flex-col items-center justify-center gap-2 px-6 py-8 text-center", className)}>
      <CircleAlert className="size-5 text-bad" aria-hidden />
      <p className="max-w-md text-muted">{words}</p>
      {onRetry && (
        <Button onClick={onRetry}>
          <RotateCw className="size-3.5" aria-hidden />
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
