import { useTranslation } from "react-i18next";

import { Button } from "@/ui/Button";

interface Props {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** The way to the next page of a list. */
export function More({ query }: Props) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center border-t border-line p-2">
      <Button look="quiet" disabled={query.isFetchingNextPage} onClick={() => { query.fetchNextPage(); }}>
        {query.isFetchingNextPage ? t("common.loading") : t("common.more")}
      </Button>
    </div>
  );
}
