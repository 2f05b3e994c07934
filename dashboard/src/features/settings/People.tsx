import { useQuery } from "@tanstack/react-query";

import { may, session } from "@/api/session";
import { AuditLog } from "@/controls/AuditLog";
import { Members } from "@/controls/Members";
import { useProjectId } from "@/lib/search";

export function ProjectMembers() {
  const projectId = useProjectId();
  const project = useQuery(session()).data?.projects.find((each) => each.id === projectId);
  return <Members place={{ projectId }} mayChange={may(project, "members.write")} />;
}

export function ProjectAudit() {
  const projectId = useProjectId();
  return <AuditLog place={{ projectId }} />;
}
