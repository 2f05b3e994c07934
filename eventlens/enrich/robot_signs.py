r"""What gives a robot away, and what only seems to: tables of our own beside the two packaged lists."""

import re

STRONG_SIGNS: tuple[str, ...] = (
    # What the program calls itself.
    (
        r"[a-z]{3}bot\b|\bb-o-t\b|crawler|crwlr|\bspider\b|web ?spider|web ?mining|headless|\bscraper"
        r"|\brobots?(?:\b|_)"
    ),
    # What it does to pages.
    (
        r"screen-?shot|screenie|thumb(?:shot|nail|s?ite)|web-?(?:thumb|snap|shot)|snap(?:search|kit|shot)"
        r"|\b[kw]?k?html(?:to|2)\w+"
    ),
    (
        r"\b(?:web|site|url|link|email|e-mail|content|image|page|feed) ?-?"
        r"(?:extractor|collector|copier|ripper|retriev\w+|resolver|examiner|expander|unfurler|harvester|sucker"
        r"|sizer|sniffer|stripper|analyzer|analyser|monitor)\b|\bimgsizer\b|\bprofiller\b"
    ),
    (
        r"\bpre-?render|puppeteer|playwright|selenium|webdriver|phantomjs|casperjs|slimerjs|\bzombie\.?js\b"
        r"|electroncrawl|chrome-lighthouse|page ?speed|gtmetrix|webpagetest|\bptst\b|debugbear|catchpoint"
        r"|dynatrace|newrelic|\bdatadog|site ?24x7|pingdom|uptime|statuscake|\bmonitoring\b|synthetic"
    ),
    (
        r"\bfetch(?:er| api)\b|\bfetch$|\bvalidat(?:or|ion)\b|link ?check|\bping(?:er|back)\b|\bwebmon\b"
        r"|\bwebhook"
    ),
    # Known ones that no general word finds.
    (
        r"google(?:other|-extended|-safety|-read-aloud|-notebooklm|-inspectiontool|-adwords|-site-verification"
        r"|-cloudvertexbot|producer|imageproxy|docs\b|agent-|-ads-|-amphtml)|mediapartners-google"
        r"|adsbot-google|apis-google"
        r"|google (?:search console|favicon|web preview|page speed|structured data|ad[sx] |publisher)"
    ),
    (
        r"yandex\.?(?:translate|images|metrika|direct|media|video|webmaster|accessibility|favicons|market|blogs)"
        r"|bing(?:preview|local)|adidxbot|\bmsnptc\b|\bslurp\b|daumoa|\bmshots\b|gomezagent|netnewswire"
        r"|quiterss|y!j-|\bhtdig\b|grub-client|\bowler\b|cerberian drtrs|stackrambler|facebookexternal"
        r"|meta-external|facebookcatalog|\bembedly\b|\bowasp\b|\bsiege/|criteo;|alibaba\.security|kimonolabs"
        r"|\bobservatory/"
    ),
    # AI assistants that read pages for somebody or for training. Their apps ("ChatGPT/1.2 …") are people's.
    (
        r"claude-(?:web|user|code|search)|anthropic-|chatgpt-user|\boai-|openai\.com|perplexity-user|cohere-"
        r"|mistralai-|gemini-deep|google-agent|duckassist|bytespider|amzn-(?:user|search)|ai2bot|diffbot"
        r"|img2dataset|\bai-?(?:crawler|search ?bot|scraper|agent)\b|deepseek-?bot|manus-user|\bexa-?bot"
        r"|firecrawl|jina-?ai"
    ),
    # Somebody who tries what the server does with it.
    r"<(?:script|img|iframe|svg|style|a |li>|![a-z]|\?)|\$\{[a-z]|/etc/passwd",
    # An address to write to.
    (
        r"[\w.+\-]+@[\w\-]+\.(?:com|org|net|edu|io|de|fr|uk|ru|cn|jp|co|ai|eu|info)\b|root@|<@"
        r"|\w(?: at | \[at\] |\(at\))\w+(?: dot | \[dot\] |\(dot\)|\.)[a-z]{2,4}\b"
    ),
)
"""Enough in any text, also where the rest is a whole browser. RE2: no look-around; any case of letters."""

WEAK_SIGNS = frozenset(
    [
        r"^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)",
        r"^[\w\-]+/[\w]+$",
        r"^\w+/[\w\(\)]*$",
        r"^\w+/\d\.\d\s\([\w@]+\)$",
        r"^[^ ]{50,}$",
        r"^[<\(;]",
        r"^\d+\b",
        r"^\w*search\b",
        r"\b\w+/1\.0;",
        r";\s\w+;$",
        r"\(\)",
        r"\|",
        r"@[a-z][\w-]+\.",
        r"^client/",
        r"^custom",
        r"^facebook",
        r"^snapchat",
        r"^whatsapp",
        r"^wordpress",
        r"^yahoo",
        r"(?:^|[^g])news(?!sapphire)",
        r"(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))",
        r"advisor",
        r"catch",
        r"java(?!;)",
        r"library",
        r"proxy",
        r"radar",
        r"tools",
        r"url",
        r"(?<! cu)bots?(?:\b|_)",
        r"\.com\b",
        r"sogou",
    ]
)
"""Signs that phones and apps show as well: old phones say only their model, HTC made a "Radar"."""

ROBOT_WORDS = re.compile(
    r"\bbots\b|(?<!cu)bot(?![a-z])|crawl|spider|scrap(?:e|y|ing)|headless|phantomjs|slurp|nutch|httrack"
    r"|(?<!cam)scanner|validator|checker|archiver|indexer|fetcher|preview|detector|classifier",
    re.IGNORECASE,
)
"""What a program that looks like an HTTP library must call itself to be taken for a robot."""

FRAMEWORKS = frozenset(
    [
        *(
            "BTWebClient",
            "Download Ninja",
            "GoParserBot",
            "HTTrack",
            "Scrapy",
            "SimpleCrawler",
            "colly",
            "crawler4j",
        ),
        *("larbin", r"newspaper\/", "phpcrawl", "python-opengraph", "rawweb-bot", "trafilatura"),
    ]
)
"""Tagged as HTTP libraries, but made for crawling and nothing else."""

WRONG = frozenset(
    [
        r"AP3A\.240617\.008",  # an Android build that millions of phones run
        r"MetaIAB Facebook",  # Facebook's in-app browser
        r"chromeframe",  # a plug-in of people's Internet Explorer
    ]
)

BROWSER_WEAK_SIGNS = frozenset(
    [
        r"(?<!lib)http",  # proxies, spelled ICAPoHTTPS; addresses are looked for apart
        r";\s\w+;$",
        r"^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)",
        r"^[<\(;]",
        r"^[^ ]{50,}$",
        r"^netsurf",
        r"\|",
        "download",
        "firephp",
        r"java(?!;)",
        "optimize",
        "parser",
        "server",
        "sogou",
        "torrent",
    ]
)
"""Signs that browsers on computers show as well: toolbars, add-ons, old systems."""

APPS = frozenset(
    [
        *(
            "Disqus",
            "Fluid",
            r"Instapaper\/",
            r"Notion\/",
            "Sogou",
            "Viber",
            "WhatsApp",
            r"Code\/1\.",
            "coccoc",
        ),
        *(r"Tumblr\/", r"PayPal\/", "Feedly", "Mastodon"),
        *(r"Daum\/", "NewsBlur", r"Trae\/"),
    ]
)
"""Crawlers of the list whose names are also apps': a person's when the rest is a whole browser."""

NAMED_AS_COMPATIBLE = re.compile(
    r"(?i)^Mozilla/\d\.\d+ *\(compatible[;,] *"
    r"(?! |MSIE|Konqueror|OmniWeb|Opera|U;|Linux|Windows|Win\d|X11|Macintosh|Intel)"
)
"""What browsers say only of MSIE and the like: robots put their own name behind "compatible"."""
ADDED_AS_COMPATIBLE = re.compile(r"(?:AppleWebKit|Gecko)/.*\bcompatible;")
"""A robot's name behind that of a whole browser."""

RARE_SYSTEMS = re.compile(
    r"(?i)Amiga|AROS|MorphOS|BeOS|Haiku|RISC OS|Syllable|OS/2|IRIX|HP-UX|OSF1|\bAIX\b|UNIX_SV|NEWS-OS|SunOS"
    r"|OpenVMS|QNX|Inferno|Palm ?OS|Plan 9|OpenTV|\bOWB/|MSIE|ANTFresco|Cellphone|Category=|Hybridcast|UPnP"
)
"""Computers and boxes of long ago, of which the parser does not know the system."""

PEOPLES_PROGRAMS = re.compile(
    r"(?i)CFNetwork|Darwin/|Dalvik|okhttp|\bDart/|\bExpo\b|Alamofire|Flutter|React-?Native|Cordova|Capacitor"
    r"|Unity(?:Player)?/|UnrealEngine|Electron/|Android|iPhone|iPad|\biOS\b|watchOS|tvOS"
    r"|Windows ?(?:NT|Phone)|Mac ?OS|Macintosh|Tizen|web0s"
)
"""An app or a desktop program of a person's: no sign of a robot, though it names no browser."""

PHONE_WORDS = re.compile(
    r"(?i)MIDP|CLDC|\bWAP|_WAP|\bMAUI|_MAUI|\bMRE\b|KDDI-|UP\.(?:Browser|Link)|DoCoMo|SoftBank|J-PHONE"
    r"|Vodafone|WILLCOM|DDIPOCKET|Dorado|\bFBAN/|\bUCWEB|NetFront|Obigo|Opera (?:Mini|Mobi)|\bBREW\b|\bPDA\b"
    r"|Smart-?TV|MicroMessenger|Screen-\d{3}|\bNF-Browser|\bPolaris/|\bTeleca|\bJasmine/|CE-HTML|\bHbbTV|pr\(UCBrowser"
)
"""Old telephones and televisions, of which the parser does not always know the maker."""

OLD_BROWSERS = re.compile(
    r"(?i)^(?:NetSurf|Dillo|Uzbl|Lynx|Links|E-?Links|w3m|Vimprobable|Sleipnir|Midori|IBM[ -]WebExplorer"
    r"|AIR_Mosaic|SPRY_Mosaic|Spyglass|NCSA[_ ]Mosaic|CERN-LineMode|Cyberdog|iCab|IBrowse|Amaya|Arachne"
    r"|OmniWeb|Avant Browser|Opera [\d.]+ \(|Emacs-w3m|Quarterdeck|xChaos|TinyBrowser|Roku\w*|Xombrero|Surf/"
    r"|Contiki|ICE Browser|NetCaptor)(?![a-z])"
)
"""Browsers that few people use and no parser knows; they say neither a system nor an engine."""

SERVER_PROGRAMS = frozenset(
    (
        "airflow aws-lambda cloudflare-workers cloudfunctions dart django dotnet expo google-cloud-functions "
        "google-cloud-scheduler google-cloud-tasks kotlin laravel make n8n next.js rails retool rudderstack "
        "segment supabase swift vercel zapier"
    ).split()
)
"""Runtimes and automation that send events for somebody; no HTTP library by name."""
SERVER_WORDS = re.compile(
    r"(?i)^(?:@[\w.\-]+/)?(?:[\w.]*[\-_.])?(?:sdk|api|app|backend|server|services?|workers?|client|cron"
    r"|node|python|ruby|php|java|go|rust|dotnet|kotlin|swift|deno|bun|elixir)(?:[\-_.][\w.]*)?(?:/|$)"
    r"|openpanel|event-?lens|mixan"
)
"""How people name their own servers (`shop-backend/2.1`), which mean the events that they send."""
