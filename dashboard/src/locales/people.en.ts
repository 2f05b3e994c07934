/** Texts of projects, accounts, members and what is shared. `people.ko.ts` has the same keys. */
export const people = {
  start: {
    title: "New project", hint: "What is counted together: one site, or one product with its site, apps and servers.", domainHint: "Pages of this site and its subdomains may send events without a secret. May stay empty.",
    organisation: "Organisation", demo: "Look around with demo data", demoHint: "One click makes a project with 30 days of a made-up product. Delete it whenever you like.", demoName: "Demo", making: "Making it …",
    secrets: "Keep these secrets", secretsHint: "They are shown only now. A page needs the id alone; a server that sends shows the write secret, a program that asks the read secret.", noEvents: "No events yet: Settings, Set-up shows what to paste", usage_one: "1 event · {{size}}", usage_other: "{{events}} events · {{size}}", usageHint: "Events kept, and about how much of the disk they take",
    noOrganisation: "You may not make projects. Ask an admin of your organisation.",
  },
  ways: {
    script: "Script tag", npm: "npm", react: "React", nextjs: "Next.js", vue: "Vue", node: "Node", python: "Python", curl: "curl", choose: "Where events come from",
    scriptHint: "Before </head> of every page. It counts views, outgoing links and downloads by itself.", packageHint: "Install it, then once where the app starts:", serverHint: "For what only your server knows: payments, sign-ups, jobs.", curlHint: "From anything that speaks HTTP.",
    secretHere: "YOUR_SECRET", fresh: "See the numbers", test: "No site at hand? Send a test event", sent: "Sent. It appears above within a second.", allowed: "Without a secret, events are taken from pages of:", allowedNone: "No site may send without a secret yet. Set the domain in General, or the sites of the write client in Clients.",
  },
  me: {
    title: "Your account", tabs: { profile: "Profile", security: "Security", sessions: "Sessions", tokens: "API tokens", activity: "Activity" },
    name: "Name", email: "E-mail", emailHint: "A new address needs your password.", save: "Save", saved: "Saved", password: "Password", current: "Current password", fresh: "New password", change: "Change the password", set: "Set a password",
    changed: "Changed. Every other browser is signed out.", noPassword: "You sign in elsewhere and have no password yet.",
    twoFactor: "Two-factor authentication", twoFactorHint: "A code of an app on your phone, beside the password. Whoever learns your password alone cannot sign in.", on: "On", off: "Off", turnOn: "Switch it on", turnOff: "Switch it off",
    scan: "Scan this with your authenticator app, or type the key into it. Then enter the code that it shows.", key: "Key", code: "Code", confirm: "Confirm", recovery: "Recovery codes", recoveryHint: "Each stands in for your phone once. Keep them where your password is not. They are shown only now.", kept: "I have kept them", download: "Download",
    qr: "QR code for the authenticator app", codeHint: "Six digits, or a recovery code",
    sessions: "Where you are signed in", thisOne: "this browser", seen: "last used {{when}}", since: "since {{when}}", end: "Sign out", endOthers: "Sign out everywhere else", unknownBrowser: "Unknown browser",
    tokens: "Personal API tokens", tokensHint: "For your own programs: Authorization: Bearer … A token may what its scopes and your role both allow.", newToken: "New token", tokenName: "What it is for", scopes: "It may", scope: { read: "read numbers", write: "save cohorts, goals, reports", admin: "change settings and members" },
    days: "It ends", dayChoices: { "30": "in 30 days", "90": "in 90 days", "365": "in a year", never: "never" }, tokenOnce: "This token is shown only now. Keep it.", expires: "ends {{when}}", never: "does not end", unused: "not used yet", used: "used {{when}}", revokeToken: "Revoke “{{name}}”? Programs that use it stop working.", noTokens: "No tokens", noTokensHint: "Make one when a program of yours should ask or change something in your name.",
    activity: "What you did", remove: "Delete the account", removeHint: "Your account, sessions and tokens end. Projects and what you saved in them stay.", removeConfirm: "Delete your account for good?", manage: "Account settings", signedInWith: "Sign-in with other accounts",
    connect: "Connect", disconnect: "Disconnect", connected: "connected as {{email}}", notConnected: "not connected", connectHint: "Sign in with one click instead of a password.", lastWay: "Set a password first: it would be your last way to sign in.",
  },
  signing: {
    forgot: "Forgot the password?", forgotTitle: "Forgot the password?", forgotHint: "We send a link with which you choose a new one.", send: "Send the link", sent: "If there is an account with that address, a mail with a link is on its way. The link works for two hours.", back: "Back to sign-in",
    noMail: "This server sends no mail. Ask whoever runs it for: eventlens user reset-password YOUR-ADDRESS", with: "Continue with {{name}}", or: "or", accept: "Join as {{email}}", codeTitle: "One more step", codeHint: "Enter a code of your authenticator app, or a recovery code.",
    problems: {
      denied: "The sign-in was cancelled.", state: "The sign-in took too long or was begun in another browser. Try again.", provider: "{{name}} could not be reached or refused. Try again, or use your password.",
      unverified: "{{name}} has not verified your address. Verify it there, or sign in with your password.", no_account: "There is no account for that address here. Ask for an invitation.", connect: "There is an account with that address already. Sign in with your password, then connect {{name}} in your account's settings.",
      taken: "That account is connected to somebody else here.",
    } as Record<string, string>,
  },
  team: {
    title: "Organisation", members: "Members", invite: "Invite", inviteTitle: "Invite somebody", role: "Role", roles: { owner: "Owner", admin: "Admin", editor: "Editor", viewer: "Viewer" },
    roleHints: { owner: "everything, also deleting", admin: "settings, clients, members", editor: "cohorts, goals, reports, share links", viewer: "looks at everything" }, of: { project: "this project", organisation: "the organisation", installation: "the installation" } as Record<string, string>,
    emailHint: "Only this address can use the link then. Without one, whoever has the link.", emailOptional: "E-mail (may stay empty)", link: "Invitation link", linkHint: "Works once, for seven days. It is shown only now.", mailed: "A mail with the link is on its way to {{email}}.", open: "Open invitations", anybody: "Whoever has the link",
    withdraw: "Withdraw", until: "until {{when}}", by: "by {{name}}", remove: "Remove {{name}}?", removeHint: "They lose access at once. What they saved stays.", you: "you", name: "Name of the organisation", all: "Members of an organisation see all its projects.", only: "Members of a project see this project alone; those of its organisation see all.",
    projects: "Projects", manage: "Members and settings",
  },
  audit: {
    title: "Audit log", hint: "Who changed what, newest first, kept for 400 days. Never what was sent: that may be secret.", none: "Nothing changed yet", noneHint: "Changes of settings, clients, members and accounts are noted here.", when: "When", who: "Who", what: "What", from: "From", kinds: { user: "person", client: "client", token: "token" } as Record<string, string>, search: "Search in the log",
    nouns: { projects: "project", clients: "client", filters: "exclusion", segments: "segment", reports: "report", annotations: "annotation", dashboards: "dashboard", members: "member", invitations: "invitation", organisations: "organisation", shares: "share link", names: "name", "dead-letters": "dead letter", tokens: "API token", sessions: "session", me: "account", password: "password", "two-factor": "two-factor", identities: "connected account" } as Record<string, string>,
    verbs: { POST: "Added: {{what}}", PATCH: "Changed: {{what}}", PUT: "Changed: {{what}}", DELETE: "Removed: {{what}}" } as Record<string, string>,
    known: { "POST /auth/sign-in": "Signed in", "POST /auth/sign-out": "Signed out", "POST /auth/me/password": "Changed the password", "POST /auth/me/two-factor": "Began two-factor", "POST /auth/me/two-factor/confirm": "Switched two-factor on", "POST /auth/me/two-factor/off": "Switched two-factor off", "DELETE /auth/sessions": "Signed out everywhere else", "POST /auth/invitations/accept": "Accepted an invitation", "POST /manage/projects/{projectId}/clients/{clientId}/rotate": "Gave a client a new secret", "POST /manage/projects/{projectId}/delete": "Deleted the project" } as Record<string, string>,
  },
  share: {
    title: "Shared numbers", needs: "This link has a password.", open: "Open", readOnly: "Shared with you, read-only", links: "Share links", new: "New link", hint: "Whoever has a link sees the overview of this project: no people, no single events, no settings.", none: "Nothing is shared", noneHint: "Make a link for somebody without an account, or show the overview within a page of your own.",
    protected: "With a password", ends: "ends {{when}}", over: "ended {{when}}", endless: "does not end", embed: "Embed", embedFor: "Put this into a page of: {{sites}}", takeBack: "Take back", confirm: "Take “{{name}}” back? Whoever looks through it sees nothing any more.", link: "Link", name: "What it is for", password: "Password (may stay empty)", passwordHint: "6 characters or more; tell it apart from the link.",
    days: { never: "never", "7": "in 7 days", "30": "in 30 days", "365": "in a year" }, sites: "Sites that may embed it, one per line (may stay empty)", sitesHint: "Pages of any other site cannot show it in a frame.",
  },
  names: {
    hint: "What is shown instead of the names that are sent. What is hidden is left out of lists and pickers, but counted as ever, and found by typing its whole name. The API, files and addresses keep the names that are sent.",
    kind: "Names of", kinds: { event: "Events", property: "Properties", profile: "About people" }, sent: "Sent as", label: "Shown as", description: "Description", hide: "Hide from lists and pickers", hidden: "hidden", hideOne: "Hide {{name}}", showOne: "Show {{name}}", edit: "Edit {{name}}",
    add: "Add a name", reset: "Show as sent", none: "No names here", noneHint: "They appear with the first events; others can be added.", type: "Type a name …", left_one: "One name is hidden: counted as ever, and found by typing it whole.", left_other: "{{count}} names are hidden: counted as ever, and found by typing them whole.",
  },
  project: {
    tabs: { setup: "Set-up", general: "General", clients: "Clients", filters: "Kept out", names: "Events and properties", members: "Members", shares: "Share links", audit: "Audit log", danger: "Danger zone" }, sections: "Settings of the project", editOrigins: "Sites of “{{name}}”", origins: "Sites", origin: "Site to add", originHint: "https://example.com, example.com with any scheme, *.example.com for its subdomains, or * for all.",
    keep: "Days that events are kept", keepHint: "What is older is deleted for good. 0 keeps everything; empty: as the server is set (EVENT_RETENTION_DAYS).", keepAsSet: "As the server is set", danger: "Danger zone", remove: "Delete the project", removeHint: "Deletes “{{name}}” with every event, person, recording and setting, for good. Clients stop working at once.", type: "Type {{name}} to confirm", removeDo: "Delete for good", notYours: "Only an owner may delete a project.",
    consent: "Wait for consent", consentHint: "Nothing is sent before your page calls eventlens.ready(), for instance from its consent banner. Without it pages are measured at once: no cookie is set and no address is kept.", noRight: "Your role may look at this and not change it.",
  },
};
