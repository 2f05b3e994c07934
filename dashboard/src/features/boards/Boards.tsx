import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LayoutTemplate, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { boards, removeBoard, saveBoard, type Board, type Tile } from "@/api/kept";
import { FilterBar } from "@/controls/FilterBar";
import { ViewControls } from "@/controls/ViewControls";
import { AddTile } from "@/features/boards/AddTile";
import { Grid } from "@/features/boards/Grid";
import { below } from "@/lib/grid";
import { useAddress, useProjectId } from "@/lib/search";
import { Button, IconButton } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { Input, Select } from "@/ui/fields";
import { Card, Page } from "@/ui/Page";
import { Empty, Failure, Skeleton } from "@/ui/states";

const tile = (x: number, y: number, width: number, height: number, view: Record<string, unknown>): Tile => ({ x, y, width, height, title: "", report: "", view });

/** What a first dashboard shows. */
const STARTER: Tile[] = [
  tile(0, 0, 3, 2, { kind: "number", metric: "unique_visitors" }),
  tile(3, 0, 3, 2, { kind: "number", metric: "total_sessions" }),
  tile(6, 0, 3, 2, { kind: "number", metric: "avg_session_duration" }),
  tile(9, 0, 3, 2, { kind: "number", metric: "bounce_rate" }),
  tile(0, 2, 8, 5, { kind: "chart", metric: "unique_visitors" }),
  tile(8, 2, 4, 5, { kind: "list", of: "referrer_name" }),
  tile(0, 7, 4, 5, { kind: "list", of: "path" }),
  tile(4, 7, 4, 5, { kind: "list", of: "country" }),
  tile(8, 7, 4, 5, { kind: "goals" }),
];

/** Pages of tiles that a team makes for itself. */
export function Boards() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [search, change] = useAddress();
  const query = useQuery(boards(projectId));
  const make = useMutation({
    mutationFn: () => saveBoard(projectId, { name: query.data?.length ? `${t("boards.starterName")} ${query.data.length + 1}` : t("boards.starterName"), tiles: STARTER }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["manage", projectId, "dashboards"] });
      change({ id: made.id });
    },
  });
  const all = query.data ?? [];
  const chosen = all.find((each) => each.id === search.id) ?? all[0];
  if (chosen) return <OneBoard key={chosen.id} board={chosen} all={all} onNew={() => { make.mutate(); }} />;
  return (
    <Page title={t("boards.title")}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-96 rounded-xl" />}
      {query.data && (
        <Card>
          <Empty title={t("boards.none")} icon={<LayoutTemplate className="size-4" aria-hidden />} className="min-h-80">
            <p>{t("boards.noneHint")}</p>
            <Button look="primary" className="mt-3" disabled={make.isPending} onClick={() => { make.mutate(); }}>{t("boards.starter")}</Button>
            {make.isError && <p role="alert" className="mt-2 text-bad">{make.error.message}</p>}
          </Empty>
        </Card>
      )}
    </Page>
  );
}

function OneBoard({ board, all, onNew }: { board: Board; all: readonly Board[]; onNew: () => void }) {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const client = useQueryClient();
  const [, change] = useAddress();
  const [draft, setDraft] = useState<Board | null>(null);
  const [adding, setAdding] = useState(false);
  const [asking, setAsking] = useState(false);
  const shown = draft ?? board;
  const again = () => client.invalidateQueries({ queryKey: ["manage", projectId, "dashboards"] });
  const save = useMutation({
    mutationFn: (changed: Board) => saveBoard(projectId, { id: changed.id, name: changed.name.trim() || board.name, tiles: changed.tiles }),
    onSuccess: async () => {
      await again();
      setDraft(null);
    },
  });
  const remove = useMutation({ mutationFn: () => removeBoard(projectId, board.id), onSuccess: async () => { change({ id: undefined }); await again(); } });
  return (
    <Page
      title={draft ? t("boards.title") : board.name}
      below={<FilterBar />}
      aside={
        draft ? (
          <Input aria-label={t("boards.rename")} className="w-48!" value={draft.name} maxLength={100} onChange={(event) => { setDraft({ ...draft, name: event.target.value }); }} />
        ) : (
          all.length > 1 && (
            <Select aria-label={t("boards.title")} className="w-44!" value={board.id} onChange={(event) => { change({ id: event.target.value }); }}>
              {all.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
            </Select>
          )
        )
      }
      controls={
        draft ? (
          <>
            <Button onClick={() => { setAdding(true); }}><Plus className="size-3.5" aria-hidden />{t("boards.addTile")}</Button>
            <IconButton label={`${t("common.delete")}: ${board.name}`} onClick={() => { setAsking(true); }}><Trash2 className="size-4" aria-hidden /></IconButton>
            <Button onClick={() => { setDraft(null); }}>{t("common.cancel")}</Button>
            <Button look="primary" disabled={save.isPending} onClick={() => { save.mutate(draft); }}>{t("boards.done")}</Button>
          </>
        ) : (
          <>
            <Button onClick={onNew}><Plus className="size-3.5" aria-hidden /><span className="hidden sm:inline">{t("boards.new")}</span></Button>
            <Button onClick={() => { setDraft(board); }}><LayoutTemplate className="size-3.5 text-muted" aria-hidden />{t("boards.edit")}</Button>
            <ViewControls />
          </>
        )
      }
    >
      {save.isError && <p role="alert" className="mb-2 text-bad">{save.error.message}</p>}
      {shown.tiles.length === 0 ? (
        <Card><Empty title={t("boards.empty")} icon={<LayoutTemplate className="size-4" aria-hidden />} className="min-h-64" /></Card>
      ) : (
        <Grid tiles={shown.tiles} onChange={draft ? (tiles) => { setDraft({ ...draft, tiles }); } : undefined} />
      )}
      {adding && draft && (
        <AddTile
          onAdd={(added) => {
            setDraft({ ...draft, tiles: [...draft.tiles, { ...added, x: 0, y: below(draft.tiles) }] });
            setAdding(false);
          }}
          onClose={() => { setAdding(false); }}
        />
      )}
      {asking && <Confirm text={t("boards.confirmDelete", { name: board.name })} busy={remove.isPending} error={remove.error} onYes={() => { remove.mutate(); }} onClose={() => { setAsking(false); }} />}
    </Page>
  );
}
