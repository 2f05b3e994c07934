/** Who is there now, as the server pushes it; asked again and again only while there is no socket. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { live } from "@/api/queries";
import { root } from "@/lib/base";
import { shared } from "@/lib/shared";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const ASK_AGAIN = 5_000;

type Answer = Awaited<ReturnType<NonNullable<ReturnType<typeof live>["queryFn"]>>>;

/** Keeps one socket to the project's live numbers; gives whether it is open. */
function useSocket(projectId: string): boolean {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (shared()) return; // a socket cannot carry a share link's headers: it is asked again and again instead
    const { queryKey } = live(projectId);
    let socket: WebSocket | undefined;
    let timer = 0;
    let wait = FIRST_WAIT;
    function connect() {
      const url = new URL(`${root}insights/${encodeURIComponent(projectId)}/live/stream`, window.location.href);
      url.protocol = url.protocol.replace("http", "ws");
      socket = new WebSocket(url);
      socket.onmessage = (event: MessageEvent<string>) => {
        wait = FIRST_WAIT;
        setOpen(true);
        client.setQueryData(queryKey, JSON.parse(event.data) as Answer);
        void client.invalidateQueries({ queryKey: ["insights", projectId, "events"] });
      };
      socket.onclose = () => {
        setOpen(false);
        timer = window.setTimeout(connect, wait);
        wait = Math.min(LONGEST_WAIT, wait * 2);
      };
    }
    // Not while the first questions of a page are under way.
    timer = window.setTimeout(connect, 300);
    return () => {
      window.clearTimeout(timer);
      const last = socket;
      if (!last) return;
      last.onclose = null;
      last.onmessage = null;
      // Closing before it is open would be told as an error.
      if (last.readyState === WebSocket.CONNECTING) last.onopen = () => { last.close(); };
      else last.close();
    };
  }, [client, projectId]);
  return open;
}

export function useLive(projectId: string) {
  const open = useSocket(projectId);
  return useQuery({ ...live(projectId), refetchInterval: open ? false : ASK_AGAIN });
}
