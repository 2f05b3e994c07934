import type { people as english } from "@/locales/people.en";

export const people: typeof english = {
  start: {
    title: "새 프로젝트", hint: "함께 집계할 대상입니다. 사이트 하나, 또는 사이트·앱·서버로 이루어진 제품 하나입니다.", domainHint: "이 사이트와 하위 도메인의 페이지는 시크릿 없이 이벤트를 보낼 수 있습니다. 비워 두어도 됩니다.",
    organisation: "조직", demo: "데모 데이터로 둘러보기", demoHint: "클릭 한 번으로 가상 제품의 30일 데이터가 담긴 프로젝트를 만듭니다. 언제든 삭제할 수 있습니다.", demoName: "데모", making: "만드는 중 …",
    secrets: "시크릿을 보관하세요", secretsHint: "지금만 표시됩니다. 페이지에는 ID만 필요하고, 이벤트를 보내는 서버는 write 시크릿, 조회하는 프로그램은 read 시크릿을 사용합니다.", noEvents: "아직 이벤트가 없습니다. 설정의 설치에서 시작하세요", usage_one: "이벤트 {{events}}개 · {{size}}", usage_other: "이벤트 {{events}}개 · {{size}}", usageHint: "보관 중인 이벤트와 대략적인 디스크 사용량",
    noOrganisation: "프로젝트를 만들 권한이 없습니다. 조직 관리자에게 문의하세요.",
  },
  ways: {
    script: "스크립트 태그", npm: "npm", react: "React", nextjs: "Next.js", vue: "Vue", node: "Node", python: "Python", curl: "curl", choose: "이벤트를 보내는 곳",
    scriptHint: "모든 페이지의 </head> 앞에 넣으세요. 조회, 외부 링크, 다운로드를 자동으로 집계합니다.", packageHint: "설치한 뒤 앱이 시작되는 곳에 한 번 넣으세요.", serverHint: "서버만 아는 일: 결제, 가입, 작업.", curlHint: "HTTP를 쓸 수 있는 어디서나.",
    secretHere: "시크릿", fresh: "수치 보기", test: "사이트가 없나요? 테스트 이벤트 보내기", sent: "보냈습니다. 1초 안에 위에 나타납니다.", allowed: "시크릿 없이 이벤트를 보낼 수 있는 사이트:", allowedNone: "아직 시크릿 없이 보낼 수 있는 사이트가 없습니다. 일반에서 도메인을, 또는 클라이언트에서 사이트를 설정하세요.",
  },
  me: {
    title: "내 계정", tabs: { profile: "프로필", security: "보안", sessions: "세션", tokens: "API 토큰", activity: "활동" },
    name: "이름", email: "이메일", emailHint: "주소를 바꾸려면 비밀번호가 필요합니다.", save: "저장", saved: "저장됨", password: "비밀번호", current: "현재 비밀번호", fresh: "새 비밀번호", change: "비밀번호 변경", set: "비밀번호 설정",
    changed: "변경되었습니다. 다른 모든 브라우저에서 로그아웃됩니다.", noPassword: "다른 계정으로 로그인하며 아직 비밀번호가 없습니다.",
    twoFactor: "2단계 인증", twoFactorHint: "비밀번호와 함께 휴대폰 앱의 코드를 사용합니다. 비밀번호만 알아서는 로그인할 수 없습니다.", on: "켜짐", off: "꺼짐", turnOn: "켜기", turnOff: "끄기",
    scan: "인증 앱으로 스캔하거나 키를 입력한 뒤, 앱에 표시된 코드를 입력하세요.", key: "키", code: "코드", confirm: "확인", recovery: "복구 코드", recoveryHint: "코드 하나가 휴대폰을 한 번 대신합니다. 비밀번호와 다른 곳에 보관하세요. 지금만 표시됩니다.", kept: "보관했습니다", download: "내려받기",
    qr: "인증 앱용 QR 코드", codeHint: "6자리 코드 또는 복구 코드",
    sessions: "로그인된 곳", thisOne: "이 브라우저", seen: "마지막 사용 {{when}}", since: "{{when}}부터", end: "로그아웃", endOthers: "다른 모든 곳에서 로그아웃", unknownBrowser: "알 수 없는 브라우저",
    tokens: "개인 API 토큰", tokensHint: "내 프로그램용: Authorization: Bearer … 토큰은 범위와 내 역할이 모두 허용하는 일만 할 수 있습니다.", newToken: "새 토큰", tokenName: "용도", scopes: "허용할 일", scope: { read: "수치 읽기", write: "코호트, 목표, 보고서 저장", admin: "설정과 구성원 변경" },
    days: "만료", dayChoices: { "30": "30일 후", "90": "90일 후", "365": "1년 후", never: "없음" }, tokenOnce: "이 토큰은 지금만 표시됩니다. 보관하세요.", expires: "{{when}} 만료", never: "만료 없음", unused: "아직 사용 안 함", used: "{{when}} 사용", revokeToken: "“{{name}}” 토큰을 폐기할까요? 사용하는 프로그램이 멈춥니다.", noTokens: "토큰 없음", noTokensHint: "프로그램이 내 이름으로 조회하거나 변경해야 할 때 만드세요.",
    activity: "내 활동", remove: "계정 삭제", removeHint: "계정, 세션, 토큰이 사라집니다. 프로젝트와 저장한 내용은 남습니다.", removeConfirm: "계정을 영구히 삭제할까요?", manage: "계정 설정", signedInWith: "다른 계정으로 로그인",
    connect: "연결", disconnect: "연결 해제", connected: "{{email}}(으)로 연결됨", notConnected: "연결 안 됨", connectHint: "비밀번호 대신 클릭 한 번으로 로그인합니다.", lastWay: "먼저 비밀번호를 설정하세요. 마지막 로그인 수단입니다.",
  },
  signing: {
    forgot: "비밀번호를 잊으셨나요?", forgotTitle: "비밀번호를 잊으셨나요?", forgotHint: "새 비밀번호를 정할 수 있는 링크를 보내 드립니다.", send: "링크 보내기", sent: "해당 주소의 계정이 있으면 링크가 담긴 메일이 곧 도착합니다. 링크는 2시간 동안 유효합니다.", back: "로그인으로 돌아가기",
    noMail: "이 서버는 메일을 보내지 않습니다. 운영자에게 다음을 요청하세요: eventlens user reset-password 이메일", with: "{{name}}(으)로 계속", or: "또는", accept: "{{email}}(으)로 참여", codeTitle: "한 단계 더", codeHint: "인증 앱의 코드 또는 복구 코드를 입력하세요.",
    problems: {
      denied: "로그인이 취소되었습니다.", state: "로그인이 너무 오래 걸렸거나 다른 브라우저에서 시작되었습니다. 다시 시도하세요.", provider: "{{name}}에 연결할 수 없거나 거부되었습니다. 다시 시도하거나 비밀번호를 사용하세요.",
      unverified: "{{name}}에서 이메일이 확인되지 않았습니다. 그곳에서 확인하거나 비밀번호로 로그인하세요.", no_account: "해당 주소의 계정이 없습니다. 초대를 요청하세요.", connect: "해당 주소의 계정이 이미 있습니다. 비밀번호로 로그인한 뒤 계정 설정에서 {{name}}을(를) 연결하세요.",
      taken: "그 계정은 여기서 다른 사람에게 연결되어 있습니다.",
    },
  },
  team: {
    title: "조직", members: "구성원", invite: "초대", inviteTitle: "초대하기", role: "역할", roles: { owner: "소유자", admin: "관리자", editor: "편집자", viewer: "뷰어" },
    roleHints: { owner: "삭제를 포함한 모든 일", admin: "설정, 클라이언트, 구성원", editor: "코호트, 목표, 보고서, 공유 링크", viewer: "모두 보기" }, of: { project: "이 프로젝트", organisation: "조직", installation: "설치 전체" },
    emailHint: "지정하면 이 주소만 링크를 사용할 수 있습니다. 비우면 링크를 가진 누구나 사용할 수 있습니다.", emailOptional: "이메일(선택)", link: "초대 링크", linkHint: "한 번, 7일 동안 유효합니다. 지금만 표시됩니다.", mailed: "{{email}}(으)로 링크가 담긴 메일을 보냈습니다.", open: "대기 중인 초대", anybody: "링크를 가진 누구나",
    withdraw: "취소", until: "{{when}}까지", by: "{{name}} 초대", remove: "{{name}}님을 제거할까요?", removeHint: "즉시 접근할 수 없게 됩니다. 저장한 내용은 남습니다.", you: "나", name: "조직 이름", all: "조직 구성원은 모든 프로젝트를 볼 수 있습니다.", only: "프로젝트 구성원은 이 프로젝트만, 조직 구성원은 모든 프로젝트를 봅니다.",
    projects: "프로젝트", manage: "구성원 및 설정",
  },
  audit: {
    title: "감사 로그", hint: "누가 무엇을 바꿨는지 최신순으로 400일간 보관합니다. 보낸 내용은 기록하지 않습니다.", none: "아직 변경 사항이 없습니다", noneHint: "설정, 클라이언트, 구성원, 계정의 변경이 여기에 기록됩니다.", when: "언제", who: "누가", what: "무엇을", from: "주소", kinds: { user: "사람", client: "클라이언트", token: "토큰" }, search: "로그에서 검색",
    nouns: { projects: "프로젝트", clients: "클라이언트", filters: "제외 규칙", segments: "세그먼트", reports: "보고서", annotations: "주석", dashboards: "대시보드", members: "구성원", invitations: "초대", organisations: "조직", shares: "공유 링크", names: "이름", "dead-letters": "처리 실패 이벤트", tokens: "API 토큰", sessions: "세션", me: "계정", password: "비밀번호", "two-factor": "2단계 인증", identities: "연결된 계정" },
    verbs: { POST: "추가: {{what}}", PATCH: "변경: {{what}}", PUT: "변경: {{what}}", DELETE: "삭제: {{what}}" },
    known: { "POST /auth/sign-in": "로그인", "POST /auth/sign-out": "로그아웃", "POST /auth/me/password": "비밀번호 변경", "POST /auth/me/two-factor": "2단계 인증 시작", "POST /auth/me/two-factor/confirm": "2단계 인증 켜기", "POST /auth/me/two-factor/off": "2단계 인증 끄기", "DELETE /auth/sessions": "다른 모든 곳에서 로그아웃", "POST /auth/invitations/accept": "초대 수락", "POST /manage/projects/{projectId}/clients/{clientId}/rotate": "클라이언트에 새 시크릿 발급", "POST /manage/projects/{projectId}/delete": "프로젝트 삭제" },
  },
  share: {
    title: "공유된 수치", needs: "비밀번호가 필요한 링크입니다.", open: "열기", readOnly: "읽기 전용으로 공유됨", links: "공유 링크", new: "새 링크", hint: "링크를 가진 사람은 이 프로젝트의 개요만 봅니다. 사람, 개별 이벤트, 설정은 볼 수 없습니다.", none: "공유된 항목이 없습니다", noneHint: "계정이 없는 사람을 위한 링크를 만들거나, 내 페이지에 개요를 넣으세요.",
    protected: "비밀번호 있음", ends: "{{when}} 만료", over: "{{when}} 만료됨", endless: "만료 없음", embed: "삽입", embedFor: "다음 사이트의 페이지에 넣으세요: {{sites}}", takeBack: "회수", confirm: "“{{name}}” 링크를 회수할까요? 더 이상 아무것도 볼 수 없게 됩니다.", link: "링크", name: "용도", password: "비밀번호(선택)", passwordHint: "6자 이상. 링크와 따로 알려 주세요.",
    days: { never: "없음", "7": "7일 후", "30": "30일 후", "365": "1년 후" }, sites: "삽입할 수 있는 사이트, 한 줄에 하나(선택)", sitesHint: "다른 사이트의 페이지는 프레임에 표시할 수 없습니다.",
  },
  names: {
    hint: "전송된 이름 대신 표시할 이름입니다. 숨긴 항목은 목록과 선택 상자에서 빠지지만 그대로 집계되며, 전체 이름을 입력하면 찾을 수 있습니다. API, 파일, 주소는 전송된 이름을 유지합니다.",
    kind: "이름 종류", kinds: { event: "이벤트", property: "속성", profile: "사람 정보" }, sent: "전송된 이름", label: "표시 이름", description: "설명", hide: "목록과 선택 상자에서 숨기기", hidden: "숨김", hideOne: "{{name}} 숨기기", showOne: "{{name}} 표시", edit: "{{name}} 편집",
    add: "이름 추가", reset: "전송된 대로 표시", none: "이름이 없습니다", noneHint: "첫 이벤트와 함께 나타나며, 직접 추가할 수도 있습니다.", type: "이름 입력 …", left_one: "이름 1개가 숨겨져 있습니다. 그대로 집계되며 전체 이름을 입력하면 찾을 수 있습니다.", left_other: "이름 {{count}}개가 숨겨져 있습니다. 그대로 집계되며 전체 이름을 입력하면 찾을 수 있습니다.",
  },
  project: {
    tabs: { setup: "설치", general: "일반", clients: "클라이언트", filters: "제외", names: "이벤트와 속성", members: "구성원", shares: "공유 링크", audit: "감사 로그", danger: "위험 구역" }, sections: "프로젝트 설정", editOrigins: "“{{name}}”의 사이트", origins: "사이트", origin: "추가할 사이트", originHint: "https://example.com, 모든 스킴의 example.com, 하위 도메인은 *.example.com, 전체는 *.",
    keep: "이벤트 보관 일수", keepHint: "더 오래된 이벤트는 영구히 삭제됩니다. 0은 모두 보관, 비우면 서버 설정(EVENT_RETENTION_DAYS)을 따릅니다.", keepAsSet: "서버 설정에 따름", danger: "위험 구역", remove: "프로젝트 삭제", removeHint: "“{{name}}”의 모든 이벤트, 사람, 녹화, 설정을 영구히 삭제합니다. 클라이언트는 즉시 멈춥니다.", type: "확인하려면 {{name}}을(를) 입력하세요", removeDo: "영구 삭제", notYours: "소유자만 프로젝트를 삭제할 수 있습니다.",
    consent: "동의를 기다리기", consentHint: "동의 배너 등에서 eventlens.ready()를 호출하기 전에는 아무것도 보내지 않습니다. 켜지 않으면 바로 집계하며, 쿠키를 쓰지 않고 IP 주소도 보관하지 않습니다.", noRight: "현재 역할로는 보기만 할 수 있습니다.",
  },
};
