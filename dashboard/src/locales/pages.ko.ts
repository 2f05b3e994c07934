import type { pages as en } from "@/locales/pages.en";

export const pages: typeof en = {
  goals: {
    title: "목표", new: "새 목표", none: "아직 목표가 없습니다", noneHint: "목표는 방문자가 도달하기를 바라는 이벤트나 페이지입니다. 과거 데이터에도 적용됩니다.", choose: "차트에 표시할 목표", people: "방문자 {{of}}명 중 {{n}}명",
    over: "{{name}} 추이", by: "전환 구분", unique: "사람", total: "전환", rate: "전환율", change: "변화", isEvent: "이벤트 {{name}}", isPage: "페이지 {{name}}", times: "{{n}}회", earned: "매출 {{money}}", kind: "목표 종류",
    event: "이벤트", page: "페이지", pageHint: "경로를 입력하세요. *는 모든 문자를 뜻합니다.", confirmDelete: "목표 “{{name}}”을(를) 삭제할까요? 집계된 데이터는 사라지지 않습니다.", attribution: "기여도", conversion: "전환", model: "기여 대상", creditTo: "구분 기준",
    lookback: "기간", days: "{{n}}일 이내", conversions: "전환", converters: "명", share: "비중", models: { first: "첫 방문", last: "마지막 방문", last_non_direct: "출처가 있는 마지막 방문" },
  },
  quality: {
    title: "사이트 상태", count: "이벤트", depth: "평균", vitalOver: "{{name}} 추이", byPage: "페이지별 {{name}}", spread: "분포",
    kinds: { "web-vitals": "웹 바이탈", errors: "오류", "scroll-depth": "스크롤 깊이", downloads: "다운로드", "outgoing-links": "외부 링크", "not-found": "없는 페이지" },
    heads: { message: "메시지", path: "페이지", file: "파일", link: "링크" },
    hints: {
      "web-vitals": "name과 value가 있는 web_vital 이벤트가 여기에 표시됩니다. 스크립트 태그에 data-web-vitals를 넣으면 전송됩니다.", errors: "message가 있는 error 이벤트가 여기에 표시됩니다.", "scroll-depth": "depth(%)가 있는 scroll_depth 이벤트가 여기에 표시됩니다.",
      downloads: "파일 주소가 있는 file_download 이벤트가 여기에 표시됩니다.", "outgoing-links": "링크 주소가 있는 link_out 이벤트가 여기에 표시됩니다.", "not-found": "not_found 이벤트가 페이지별로 표시됩니다.",
    },
    vitals: { LCP: "최대 콘텐츠 표시", INP: "상호작용", CLS: "레이아웃 이동", FCP: "첫 표시", TTFB: "첫 바이트" }, ratings: { good: "좋음", needs_improvement: "개선 필요", poor: "나쁨" },
  },
  notes: { title: "차트 메모", text: "무슨 일이 있었나요?", example: "버전 2 출시", when: "언제" },
  boards: {
    title: "대시보드", new: "새 대시보드", none: "아직 대시보드가 없습니다", noneHint: "매일 보는 숫자를 한 페이지에 모으세요.", edit: "배치", done: "완료", addTile: "타일 추가", tile: "타일", kinds: { number: "숫자", chart: "차트", list: "목록", goals: "목표", report: "저장된 보고서" }, kind: "표시",
    metric: "숫자", what: "목록", report: "보고서", heading: "제목", move: "{{name}} 이동: 화살표 키", resize: "{{name}} 크기: 화살표 키", removeTile: "{{name}} 제거", empty: "첫 타일을 추가하세요", confirmDelete: "대시보드 “{{name}}”을(를) 삭제할까요?", starter: "예시로 시작", gone: "삭제된 보고서입니다.", rename: "대시보드 이름", show: "{{name}} 보기", starterName: "한눈에 보기", unfit: "전체를 보려면 보고서를 여세요.",
  },
  replays: { title: "세션 녹화", none: "이 기간에는 녹화가 없습니다", noneHint: "rrweb으로 녹화해 /replay로 보낸 세션을 여기에서 볼 수 있습니다.", watch: "보기", length: "길이", size: "크기", play: "재생", pause: "일시정지", speed: "속도", at: "재생 위치", skip: "멈춘 구간 건너뛰기", failed: "이 녹화는 표시할 수 없습니다.", recorded: "세션 녹화", short: "시작 부분이 없어 그릴 수 없습니다." },
  help: { title: "키보드 단축키", open: "검색 및 명령", sheet: "이 도움말", filter: "필터 추가", span: "기간 선택", go: "{{page}}(으)로 이동", everywhere: "전체", pages: "페이지", chart: "차트에서", walk: "구간 사이 이동", theme: "밝게 또는 어둡게", close: "열린 것 닫기" },
  history: { title: "하나가 된 과정", link: "{{device}}이(가) {{profile}}(으)로 확인됨", apart: "{{device}}은(는) {{profile}}(으)로도 쓰였지만 다른 사람의 것입니다", alias: "{{alias}}은(는) {{profile}}의 다른 이름입니다" },
};
