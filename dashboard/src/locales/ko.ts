import type { Texts } from "@/locales/en";
import { pages } from "@/locales/pages.ko";
import { people } from "@/locales/people.ko";

export const ko: Texts = {
  ...pages,
  ...people,
  common: {
    download: "내려받기", close: "닫기", retry: "다시 시도", offline: "서버에 연결할 수 없습니다. 실행 중인지 확인하세요.", save: "저장", cancel: "취소",
    delete: "삭제", edit: "편집", add: "추가", search: "검색", details: "자세히", more: "더 보기", loading: "불러오는 중",
    copy: "복사", copied: "복사됨", none: "(없음)", other: "(기타)", name: "이름", all: "전체", csv: "CSV 내려받기", svg: "SVG 내려받기", png: "PNG 내려받기",
    back: "뒤로", unknown: "알 수 없음", apply: "적용", clear: "지우기", skip: "본문으로 건너뛰기", filterBy: "{{value}}(으)로 필터",
    notThere: "페이지를 찾을 수 없습니다", noData: "이 기간에는 데이터가 없습니다", noDataHint: "기간을 늘리거나 필터를 제거해 보세요.", menu: "메뉴", remove: "제거", total: "합계",
  },
  nav: {
    overview: "개요", realtime: "실시간", events: "이벤트", funnels: "퍼널", retention: "리텐션", paths: "경로", profiles: "프로필",
    sessions: "세션", cohorts: "코호트", revenue: "매출", goals: "목표", quality: "사이트 상태", boards: "대시보드", replays: "세션 녹화", reports: "보고서", settings: "설정", home: "모든 프로젝트", explore: "분석",
    people: "사용자", project: "프로젝트", switch: "프로젝트 전환", main: "프로젝트 페이지", docs: "API 문서", commands: "검색 및 명령",
  },
  account: {
    menu: "계정 및 화면", theme: "화면", light: "밝게", dark: "어둡게", system: "시스템 설정", language: "언어", signOut: "로그아웃", signIn: "로그인",
    email: "이메일", password: "비밀번호", signInTitle: "Event Lens 로그인", signUp: "계정 만들기", signUpTitle: "Event Lens에 오신 것을 환영합니다", signUpHint: "첫 계정이 소유자가 됩니다.",
    code: "인증 앱의 코드", failed: "실패했습니다.", passwordHint: "10자 이상", newPassword: "새 비밀번호 설정", unavailable: "이 서버에는 아직 로그인이 없습니다.", needOther: "다른 계정 사용",
    yourName: "이름", invited: "{{name}}에 초대되었습니다", join: "초대 수락",
  },
  view: {
    range: "기간", compare: "비교", compareWith: "비교 대상", previous: "이전 기간", year: "작년 같은 기간", none: "비교 안 함", interval: "간격",
    custom: "직접 선택", from: "시작일", to: "종료일", auto: "자동",
    ranges: {
      "30min": "최근 30분", lastHour: "최근 1시간", today: "오늘", yesterday: "어제", last24h: "최근 24시간", "7d": "최근 7일", "30d": "최근 30일",
      "3m": "최근 3개월", "6m": "최근 6개월", "12m": "최근 12개월", monthToDate: "이번 달", lastMonth: "지난달", yearToDate: "올해",
      lastYear: "작년", all: "전체 기간",
    },
    intervals: { minute: "분", hour: "시간", day: "일", week: "주", month: "월" },
    per: { minute: "분 단위", hour: "시간 단위", day: "일 단위", week: "주 단위", month: "월 단위" },
    previousMonth: "이전 달", nextMonth: "다음 달",
  },
  filter: {
    traits: "사용자 속성", add: "필터", title: "필터 추가", edit: "필터 변경", dimension: "필터 항목", value: "값", remove: "필터 제거: {{text}}", clear: "모두 지우기", active: "적용된 필터",
    event: "이벤트 속성", typeValue: "값 입력", noValues: "값이 없습니다", pick: "값 선택", use: "“{{value}}” 사용", segment: "세그먼트", saveSegment: "세그먼트로 저장",
    operators: {
      is: "=", isNot: "≠", contains: "포함", doesNotContain: "포함하지 않음", startsWith: "시작", endsWith: "끝", regex: "정규식", isNull: "비어 있음",
      isNotNull: "비어 있지 않음", gt: "초과", gte: "이상", lt: "미만", lte: "이하",
    },
    groups: { page: "페이지", source: "유입", place: "위치", device: "기기", event: "이벤트", person: "사용자" },
  },
  dim: {
    name: "이벤트", path: "페이지", origin: "사이트", query: "쿼리", hash: "해시", title: "제목", referrer: "리퍼러", referrer_name: "유입원", referrer_type: "채널",
    utm_source: "UTM 소스", utm_medium: "UTM 매체", utm_campaign: "캠페인", utm_term: "UTM 검색어", utm_content: "UTM 콘텐츠", click_id_name: "클릭 ID", click_id: "클릭 ID 값",
    country: "국가", region: "지역", city: "도시", device: "기기", browser: "브라우저", browser_version: "브라우저 버전", os: "운영체제", os_version: "운영체제 버전",
    brand: "브랜드", model: "모델", language: "언어", screen: "화면", sdk: "SDK", sdk_version: "SDK 버전", device_id: "기기 ID", profile_id: "프로필", session_id: "세션",
    group: "그룹", revenue: "매출", currency: "통화", cohort: "코호트", segment: "세그먼트",
  },
  metric: {
    unique_visitors: "방문자", total_sessions: "세션", total_screen_views: "조회수", total_events: "이벤트", views_per_session: "세션당 조회수",
    avg_session_duration: "방문 시간", bounce_rate: "이탈률", choose: "차트에 표시할 지표", was: "이전 {{value}}",
  },
  overview: {
    online: "{{value}}명 접속 중", onlineHint: "최근 5분간 방문자", chart: "{{metric}} 추이", pages: "페이지", top: "인기", entry: "진입", exit: "이탈", sources: "유입원",
    channels: "채널", referrers: "리퍼러", campaigns: "캠페인", medium: "매체", source: "소스", term: "검색어", content: "콘텐츠", countries: "국가", map: "지도", regions: "지역",
    cities: "도시", devices: "기기", browsers: "브라우저", systems: "운영체제", types: "유형", events: "이벤트", direct: "직접 방문", visitors: "방문자", views: "조회수", sessions: "세션",
    bounce: "이탈률", timeOnPage: "체류 시간", noCampaigns: "이 기간에는 캠페인이 없습니다", noCampaignsHint: "utm_… 매개변수가 있는 링크로 들어온 방문이 여기에 표시됩니다.", count: "횟수",
    approximate: "방문자 수는 근삿값입니다", partial: "지금 데이터 일부에 접근할 수 없어 실제보다 적은 수치입니다", conversions: "이벤트", goals: "목표", unfinished: "진행 중",
    mapLabel: "세계 지도로 보는 국가별 방문자",
  },
  types: { search: "검색", social: "소셜", ad: "광고", email: "이메일", ai: "AI 도우미", other: "다른 사이트", direct: "직접 방문", unknown: "알 수 없음", internal: "내부" },
  deviceTypes: { desktop: "데스크톱", mobile: "휴대폰", tablet: "태블릿", tv: "TV", console: "콘솔", server: "서버" },
  home: { title: "프로젝트", new: "새 프로젝트", visitors30: "최근 30일 방문자", empty: "아직 프로젝트가 없습니다", emptyHint: "프로젝트를 만들고 첫 이벤트를 보내세요. 1분이면 됩니다.", name: "이름", domain: "도메인", timezone: "시간대", create: "프로젝트 만들기", online: "{{value}}명 접속 중", open: "{{name}} 열기" },
  waiting: {
    title: "첫 이벤트를 기다리는 중", hint: "아래 코드 중 하나를 붙여 넣으세요. 이 페이지가 자동으로 알아차립니다.", arrived: "첫 이벤트가 도착했습니다", see: "지표 보기", script: "스크립트", curl: "curl",
    clientHint: "이벤트는 쓰기 클라이언트의 ID로 보냅니다. 허용된 사이트의 브라우저에는 비밀 키가 필요 없고, 서버는 비밀 키도 보냅니다.", demo: "둘러보기만 하시나요? `eventlens demo`가 데이터가 가득한 프로젝트를 만들어 줍니다.",
  },
  realtime: { title: "실시간", now: "명 접속 중", last30: "최근 30분간 분당 방문자", pages: "지금 보고 있는 페이지", countries: "지금 접속한 국가", stream: "들어오는 이벤트", quiet: "지금은 아무도 없습니다", quietHint: "다음 이벤트가 자동으로 나타납니다." },
  events: { title: "이벤트", names: "이름", stream: "스트림", last: "최근", count: "횟수", properties: "속성", detail: "이벤트", when: "시각", who: "사용자", where: "위치", page: "페이지", none: "이 기간에는 이벤트가 없습니다", over: "이벤트 추이", empty: "함께 보낸 속성이 없습니다", session: "세션 보기", profile: "사용자 보기", live: "새 이벤트가 자동으로 나타납니다" },
  funnels: {
    title: "퍼널", steps: "단계", addStep: "단계 추가", step: "{{n}}단계", removeStep: "{{n}}단계 제거", up: "{{n}}단계 위로", down: "{{n}}단계 아래로", window: "전환 기한", order: "순서", by: "집계 기준", orders: { ordered: "이 순서대로", strict: "바로 이어서", any: "순서 무관" },
    bys: { visitor: "방문자", session: "세션", group: "그룹" }, windows: { "3600": "1시간", "86400": "1일", "604800": "7일", "2592000": "30일", none: "제한 없음" }, breakdown: "나누기", noBreakdown: "나누지 않음",
    overall: "전환율", converted: "{{of}} 중 {{n}}", dropped: "{{n}} 이탈", median: "이전 단계에서 {{time}} (중앙값)", start: "두 단계 이상 선택하세요", startHint: "단계는 이벤트나 페이지입니다. 만드는 동안 퍼널이 계산됩니다.", people: "누구인가요?", peopleConverted: "{{n}}단계 도달", peopleDropped: "{{n}}단계 후 이탈",
    anyEvent: "모든 이벤트", event: "이벤트", onPage: "페이지", time: "전환까지 걸린 시간", value: "값", medianAll: "중앙값 {{time}}", convertedTab: "전환", droppedTab: "이탈",
  },
  retention: {
    title: "리텐션", period: "주기", periods: { day: "일", week: "주", month: "월" }, mode: "재방문 기준", modes: { on: "해당 주기에", on_or_after: "해당 주기 또는 이후" }, cohort: "시작 기준", cohorts: { first: "기간 내 첫 이벤트", first_ever: "최초 이벤트", recurring: "주기마다 새로" },
    start: "시작 이벤트", return: "재방문 이벤트", any: "모든 이벤트", size: "인원", average: "평균", cell: "{{date}}: {{index}}주기 후 {{size}} 중 {{n}} ({{rate}})", people: "{{date}}의 사용자, {{index}}주기", who: "시작", unfinished: "아직 끝나지 않은 주기입니다", heat: "코호트별 재방문 비율",
  },
  paths: { title: "경로", mode: "단계 기준", modes: { pages: "페이지", events: "이벤트" }, start: "시작", end: "도착", anywhere: "어디든", depth: "단계 수", sessions: "세션 {{n}}개", left: "이탈", diagram: "세션의 단계별 흐름", step: "{{n}}단계", explain: "세션 {{n}}개, {{left}}개 종료", startHere: "여기서 시작", table: "표로 보기", from: "출발", to: "도착" },
  profiles: { title: "프로필", search: "이름, 이메일 또는 ID", identified: "식별됨", anonymous: "익명", lastSeen: "최근 방문", firstSeen: "첫 방문", events: "이벤트", sessions: "세션", revenue: "매출", none: "찾을 수 없습니다", noneHint: "첫 이벤트가 도착하면 여기에 나타납니다.", timeline: "타임라인", about: "정보", devices: "기기", firstTouch: "첫 유입", lastTouch: "최근 유입", properties: "속성", groups: "그룹", views: "조회수", person: "사용자", sort: "정렬", who: "사용자", place: "위치", since: "이후" },
  sessions: { title: "세션", started: "시작", duration: "시간", views: "조회수", entry: "진입", exit: "이탈", source: "유입원", who: "사용자", none: "이 기간에는 세션이 없습니다", timeline: "활동", bounce: "이탈", detail: "세션", replay: "녹화" },
  cohorts: { title: "코호트", new: "새 코호트", name: "이름", people: "{{n}}명", none: "아직 코호트가 없습니다", noneHint: "코호트는 행동이나 특성으로 묶은 사용자 집단입니다. 모든 보고서를 필터하고 나눌 수 있습니다.", did: "했음", didNot: "하지 않음", within: "기간(일)", atLeast: "최소", times: "회", rule: "규칙", addRule: "규칙 추가", behaviour: "이벤트를 했음", trait: "속성 또는 위치", created: "{{when}} 생성", use: "개요에 필터 적용", size: "인원", confirmDelete: "코호트 “{{name}}”을(를) 삭제할까요?", days: "일" },
  revenue: { title: "매출", amount: "매출", orders: "주문", average: "평균 주문액", payers: "구매 방문자", perVisitor: "방문자당", refunds: "환불", none: "이 기간에는 매출이 없습니다", noneHint: "금액과 통화가 있는 이벤트가 여기에 표시됩니다.", by: "매출:", over: "매출 추이" },
  reports: { title: "보고서", none: "저장된 보고서가 없습니다", noneHint: "퍼널, 리텐션, 경로를 만든 곳에서 저장하면 여기에 보관됩니다.", save: "보고서로 저장", saved: "저장됨", name: "보고서 이름", open: "열기", updated: "{{when}} 변경", confirmDelete: "보고서 “{{name}}”을(를) 삭제할까요?" },
  settings: {
    title: "설정", general: "일반", clients: "클라이언트", filters: "제외", setup: "설치", name: "이름", domain: "도메인", timezone: "시간대", saved: "저장됨", unverified: "비밀 키 없이 브라우저의 매출을 받기", newClient: "새 클라이언트", type: "유형", types: { write: "write: 이벤트 전송", read: "read: 조회", root: "root: 모든 권한" }, origins: "비밀 키 없이 사용할 수 있는 사이트(한 줄에 하나)", rotate: "새 비밀 키", revoke: "폐기", revoked: "폐기됨", secretOnce: "이 비밀 키는 지금만 표시됩니다. 보관하세요.", confirmRevoke: "“{{name}}”을(를) 영구히 폐기할까요? 사용하는 곳은 작동을 멈춥니다.", confirmRotate: "“{{name}}”에 새 비밀 키를 발급할까요? 이전 키는 1시간 더 작동합니다.",
    exclude: "지표에서 제외", kinds: { ip: "IP 주소 또는 네트워크", path: "경로", event: "이벤트", profile: "프로필" }, value: "값", note: "메모", noFilters: "제외된 항목이 없습니다", noFiltersHint: "사무실, 경로, 이벤트를 지금부터 모든 지표에서 제외하세요.", excluded: "최근 30일간 집계되지 않음", reason: "이유", count: "횟수", id: "클라이언트 ID", secret: "비밀 키", generalHint: "모든 결과의 일과 주는 이 시간대로 나뉩니다.", kind: "항목",
  },
  palette: { title: "이동 또는 실행", placeholder: "페이지나 명령 입력", empty: "결과 없음", go: "이동", span: "기간", look: "화면" },
};
