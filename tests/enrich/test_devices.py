import pytest

from eventlens.enrich.user_agent import is_server_agent, parse_user_agent

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "desktop",
        ),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/120.0.0.0 Safari/537.36", "desktop"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "desktop"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "desktop"),
        ("Mozilla/5.0 (iPod touch; CPU iPhone OS 12_0 like Mac OS X) Version/12.0 Mobile/15E148", "mobile"),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/120.0.0.0 Mobile Safari/537.36",
            "mobile",
        ),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-S901B Build/TP1A.220624.014)", "mobile"),
        ("Nokia6230i/2.0 (03.25) Profile/MIDP-2.0 Configuration/CLDC-1.1", "mobile"),
        ("Mozilla/5.0 (Mobile; LYF/F300B; Android; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", "mobile"),
        ("MyShop/3 CFNetwork/1410.0.3 Darwin/22.6.0", "mobile"),
        (
            f"Mozilla/5.0 (Linux; Android 12; Quest 3) {WEBKIT} OculusBrowser/28.0 Chrome/112.0 VR Safari",
            "mobile",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {WEBKIT} Version/16.6 Mobile/15E148 Safari/604.1",
            "tablet",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 13; Lenovo TB328FU) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
            "tablet",
        ),
        (f"Mozilla/5.0 (Linux; Android 12; SM-X906C) {WEBKIT} Chrome/99.0 Mobile Safari/537.36", "tablet"),
        (
            f"Mozilla/5.0 (Linux; Android 9; KFMAWI) {WEBKIT} Silk/108.4.6 like Chrome/108.0 Safari/537.36",
            "tablet",
        ),
        (f"Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {WEBKIT} 76.0.3809.146/6.0 TV Safari/537.36", "tv"),
        (
            f"Mozilla/5.0 (Web0S; Linux/SmartTV) {WEBKIT} Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
            "tv",
        ),
        (f"Mozilla/5.0 (Linux; Android 11; AFTKM) {WEBKIT} Chrome/108.0 Safari/537.36", "tv"),
        (f"Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH2) {WEBKIT} Chrome/127.0 Safari/537.36", "tv"),
        (f"Mozilla/5.0 (X11; Linux armv7l) {WEBKIT} Chrome/90.0 Safari/537.36 CrKey/1.54", "tv"),
        ("Roku/DVP-12.5 (12.5.0.4178)", "tv"),
        (
            f"Mozilla/5.0 (Linux; Android 11; 55LE7053D Build/RP1A; wv) {WEBKIT} Chrome/113 Safari/537.36",
            "tv",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 12; BQ_32FS40B) {WEBKIT} Chrome/91 YaBrowser/24.1 Safari/537.36 TV",
            "tv",
        ),
        (f"Mozilla/5.0 (Linux; Android 7.1.2; Smart Box H4) {WEBKIT} Chrome/52.0 Safari/537.36", "tv"),
        ("Opera/9.80 (Linux mips; ) Presto/2.12.407 Version/12.51 MB95/3.3.6.t (LIFEMAXX, Si2156LG32)", "tv"),
        ("VIZIO V585x-H1 ViziOS/1.0.67.124 WatchFree/24.06.13.2 FancyPlayer/1.1.30-qa", "tv"),
        (
            f"Mozilla/5.0 (Linux; Android 6.0; RIVIERA U963) {WEBKIT} Chrome/84.0 Mobile Safari/537.36",
            "mobile",
        ),
        (f"Mozilla/5.0 (Linux; Android 7.0; myA8 DTV) {WEBKIT} Chrome/78.0 Mobile Safari/537.36", "mobile"),
        (
            f"Mozilla/5.0 (Linux; Android 13; Retroid Pocket 5) {WEBKIT} Chrome/132 Mobile Safari/537",
            "console",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; XBOX_ONE_ED) {WEBKIT} Chrome/51 Edge/14.1", "console"),
        ("AppleTV11,1/11.1", "tv"),
        (f"Mozilla/5.0 (PlayStation; PlayStation 5/6.00) {WEBKIT} Version/15.4 Safari/605.1.15", "console"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) {WEBKIT} Chrome/44.0 Safari/537.36",
            "console",
        ),
        (
            "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0",
            "console",
        ),
        ("Opera/9.30 (Nintendo Wii; U; ; 3642; en)", "console"),
        ("something of which nobody has heard", ""),
    ],
)
def test_device_type(user_agent, device):
    assert parse_user_agent(user_agent).device == device


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        "  ",
        "-",
        "node",
        "undici",
        "axios/1.6.2",
        "curl/8.5.0",
        "curl/7.68.0 (x86_64-pc-linux-gnu) libcurl/7.68.0",
        "python-requests/2.31.0",
        "python-requests/0.14 CPython/2.6 Linux/2.6-43-server",
        "Python/3.11 aiohttp/3.9.1",
        "Go-http-client/1.1",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "Java/17.0.9",
        "Apache-HttpClient/4.5.14 (Java/17.0.9)",
        "GuzzleHttp/7",
        "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
        "got (https://github.com/sindresorhus/got)",
        "PostmanRuntime/7.36.0",
        "Ruby",
        "reqwest/0.11.23",
        "ibm-cos-sdk-java/2.3.0 Linux/4.9.0-8-amd64",
        "eventlens-python/0.1.0",
        "@openpanel/sdk",
        "shop-backend/v2.14.0-rc.1+build.5",
        "Amazon CloudFront",
    ],
)
def test_servers(user_agent):
    assert is_server_agent(user_agent)
    assert parse_user_agent(user_agent).device == "server"


@pytest.mark.parametrize(
    "user_agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
        "Mozilla/5.0",
        "Opera/9.80",
        "Nokia6230i/2.0",
        "SAMSUNG-SGH-E250/1.0",
        "MyShop/3 CFNetwork/1410.0.3 Darwin/22.6.0",
        "Dalvik/2.1.0 (Linux; U; Android 13; SM-S901B Build/TP1A.220624.014)",
        "Reader of curl/8 manuals",
    ],
)
def test_no_servers(user_agent):
    assert not is_server_agent(user_agent)
