import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { EventRow } from "@/api/product";
import { useNames } from "@/controls/useNames";
import { country, dateTime, money } from "@/lib/format";
import { kept, useAddress, useProjectId } from "@/lib/search";
import { Dialog } from "@/ui/Dialog";
import { Facts } from "@/ui/Facts";

/** All that is known of one event. */
export function EventDetail({ event, onClose }: { event: EventRow; onClose: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [search] = useAddress();
  const names = useNames();
  const title = names.label("event", event.name);
  const properties = Object.entries(event.properties ?? {});
  const called = (key: string) => [...new Set([names.label("property", key), key])].join(" · ");
  return (
    <Dialog side title={title} onClose={onClose}>
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap gap-2">
          <Link className="text-accent hover:underline" to="/p/$projectId/profiles/$id" params={{ projectId, id: event.profileId ?? event.visitorId ?? "" }} search={kept(search)}>
            {t("events.profile")}
          </Link>
          {event.sessionId && (
            <Link className="text-accent hover:underline" to="/p/$projectId/sessions/$id" params={{ projectId, id: event.sessionId }} search={kept(search)}>
              {t("events.session")}
            </Link>
          )}
        </div>
        <Facts
          rows={[
            [t("names.sent"), title === event.name ? null : event.name],
            [t("events.when"), dateTime(event.timestamp)],
            [t("dim.path"), event.path],
            [t("dim.title"), event.title],
            [t("dim.referrer"), event.referrerName ?? event.referrer],
            [t("dim.utm_campaign"), event.utm.campaign],
            [t("dim.country"), [event.city, event.region, event.country && country(event.country)].filter(Boolean).join(", ")],
            [t("dim.browser"), [event.browser, event.browserVersion].filter(Boolean).join(" ")],
            [t("dim.os"), [event.os, event.osVersion].filter(Boolean).join(" ")],
            [t("dim.device"), [event.device && t(`deviceTypes.${event.device}` as "deviceTypes.desktop"), event.brand, event.model].filter(Boolean).join(", ")],
            [t("dim.revenue"), event.revenue && money(event.revenue.amount, event.revenue.currency)],
            [t("dim.profile_id"), event.profileId],
            [t("dim.device_id"), event.deviceId],
            ["id", event.id],
          ]}
        />
        <section>
          <h3 className="mb-1.5 font-semibold">{t("events.properties")}</h3>
          {properties.length === 0 ? (
            <p className="text-muted">{t("events.empty")}</p>
          ) : (
            <Facts rows={properties.map(([key, value]) => [called(key), typeof value === "string" ? value : JSON.stringify(value)])} />
          )}
        </section>
      </div>
    </Dialog>
  );
}
