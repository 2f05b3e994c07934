from importlib.resources import files

from eventlens.enrich.packaged import packaged, packaged_json, packaged_lines


def test_notice_names_every_file():
    folder = files("eventlens.enrich").joinpath("data")
    notice = folder.joinpath("NOTICE.md").read_text(encoding="utf-8")
    names = {file.name for file in folder.iterdir()} - {"NOTICE.md"}
    assert names
    assert {name for name in names if f"`{name}`" not in notice} == set()


def test_reads_packed_files():
    assert packaged("isbot-patterns.json.gz")[:2] == b"\x1f\x8b"
    assert "crawl" in packaged_json("isbot-patterns.json.gz")
    lines = packaged_lines("referrer_spam_domains.txt.gz")
    assert len(lines) > 2000
    assert all(line.strip() == line and line for line in lines)
