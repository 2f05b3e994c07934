/** Secrets of a project just made: shown by its set-up page until the window is closed or loaded anew. */

import { queryOptions, skipToken } from "@tanstack/react-query";

export interface NewSecret {
  id: string;
  type: string;
  secret: string;
}

export const newSecrets = (projectId: string) =>
  queryOptions<NewSecret[]>({ queryKey: ["new secrets", projectId], queryFn: skipToken, gcTime: Infinity, staleTime: Infinity });
