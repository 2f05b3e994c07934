import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { clients } from "@/features/settings/api";
import { firstEvent } from "@/api/queries";
import { root } from "@/lib/base";
import { useProjectId } from "@/lib/search";
import { Code } from "@/ui/Copy";
import { Card } from "@/ui/Page";
import { Segmented } from "@/ui/Segmented";

type Way = "curl" | "browser";

function snippet(way: Way, url: string, id: string): string {
  if (way === "curl") {
    return `curl ${url}track -H 'content-type: application/json' \\
  -H 'event-lens-client-id: ${id}' -H 'event-lens-client-secret: SECRET' \\
  -d '{"type":"track","payload":{"name":"screen_view","path":"https://example.com/","deviceId":"me"}}'`;
  }
  return `<script>
  fetch("${url}track", {
    method: "POST",
    keepalive: true,
    headers: { "content-type": "application/json", "event-lens-client-id": "${id}" },
    body: JSON.stringify({
      type: "track",
      payload: { name: "screen_view", path: location.href, referrer: document.referrer,
                 properties: { __title: document.title } },
    }),
  });
</script>`;
}

/** What to paste where; it turns green by itself when the first event arrives. */
export function SetUp() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [way, setWay] = useState<Way>("browser");
  const query = useQuery(clients(projectId));
  const arrived = useQuery(firstEvent(projectId)).data?.arrived ?? false;
  const id = query.data?.data.find((each) => each.type === "write" && !each.revoked)?.id ?? "CLIENT_ID";
  const url = new URL(root, window.location.href).href;
  return (
    <Card>
      <div className="flex flex-col gap-4 p-5">
        <div role="status" className="flex items-center gap-3" data-testid={arrived ? "arrived" : "waiting"}>
          {arrived ? (
            <CircleCheck className="size-6 text-good" aria-hidden />
          ) : (
            <span className="relative mx-1.5 flex size-3">
              <span className="absolute inset-0 animate-[ping-soft_2s_ease-out_infinite] rounded-full bg-accent opacity-50" />
              <span className="relative size-3 rounded-full bg-accent" />
            </span>
          )}
          <div className="min-w-0 flex-1">
            <h2 className="text-sm font-semibold">{t(arrived ? "waiting.arrived" : "waiting.title")}</h2>
            {!arrived && <p className="text-muted">{t("waiting.hint")}</p>}
          </div>
          {arrived && (
            <Link to="/p/$projectId" params={{ projectId }} className="text-accent hover:underline">{t("waiting.see")}</Link>
          )}
        </div>
        <div className="w-max">
          <Segmented label={t("waiting.title")} value={way} options={[{ value: "browser", label: t("waiting.script") }, { value: "curl", label: t("waiting.curl") }]} onChange={setWay} />
        </div>
        <Code label={t(way === "curl" ? "waiting.curl" : "waiting.script")} text={snippet(way, url, id)} />
        <p className="text-muted">{t("waiting.clientHint")}</p>
      </div>
    </Card>
  );
}
