"""The review page in a browser: boxes moved, resized, added, deleted and named by pointer and keys, steps undone, the
page left and opened again, the edits saved, applied and checked. Arguments: browser, tagconf, scratch folder."""
import csv, json, os, pathlib, struct, subprocess, sys, time, zlib

sys.path.insert(0, os.path.dirname(__file__))
from browser import Browser

program, tagconf, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def write_png(path, width, height, bits):
    """A gradient with a bright square."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            v = 230 if 40 <= x < 60 and 30 <= y < 60 else (x * 90 // width)
            rows += struct.pack(">H", v * 16) if bits == 16 else bytes([v])

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b""))


def run(*arguments):
    subprocess.run([tagconf, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# Listed so that "unsure first" shows them in another order: doubtful, double, sure, none.
odd = "p<1>&'q/sure"
for name, bits in ((odd, 8), ("p2/doubtful", 8), ("p2/none", 16), ("p3/double", 8)):
    write_png(work / "films" / (name + ".png"), 400, 240, bits)
(work / "tags.csv").write_text(
    "image_id,x,y,w,h,kind,score,source,text,letter\n"
    f"{odd},40,30,20,30,laterality,0.95,learned,R,R\n"
    "p2/doubtful,100,100,30,20,laterality,0.35,learned,L,L\n"
    "p2/none,,,,,,,,,\n"
    "p3/double,10,10,40,40,text,0.8,learned,AP,\n"
    "p3/double,200,100,50,30,unknown,0.6,learned,,\n")
run("review", work / "tags.csv", "--images", work / "films", "--out", work / "review.html")

browser = Browser(program, str(work / "profile"), str(work))
page = (work / "review.html").as_uri()
browser.open(page)


def name():
    return browser.value("document.getElementById('name').textContent")


def boxes():
    """x, y, w, h, kind of every box drawn."""
    return browser.value("[...document.querySelectorAll('#drawing rect.box')].map(r => [...['x', 'y', 'width', 'height']"
                         ".map(k => Number(r.getAttribute(k))), Number(r.dataset.box)])"
                         ".sort((a, b) => a[4] - b[4]).map(b => b.slice(0, 4))")


def kinds():
    return browser.value("[...document.querySelectorAll('#boxes li span:nth-child(2)')].map(s => s.textContent)")


def screen(x, y):
    """Where the image's pixel (x, y) lies on the screen."""
    left, top, width, height = browser.value("(() => { const r = document.getElementById('drawing')"
                                             ".getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()")
    return left + x / 400 * width, top + y / 240 * height


def expect(found, wanted):
    if found != wanted:
        browser.screenshot(str(work / "failure.png"))
        raise SystemExit(f"expected {wanted}, found {found}; complaints: {browser.complaints}")


def near(found, wanted, slack=1):
    if len(found) != len(wanted) or any(abs(a - b) > slack for f, w in zip(found, wanted) for a, b in zip(f, w)):
        expect(found, wanted)


expect(name(), "p2/doubtful")
browser.drag(screen(115, 110), screen(145, 130))
near(boxes(), [[130, 120, 30, 20]])
browser.key("z")
expect(boxes(), [[100, 100, 30, 20]])
expect(browser.value("document.getElementById('progress').textContent").startswith("0 of 4 examined"), True)
browser.drag(screen(115, 110), screen(145, 130))
moved = boxes()
# Keys wait until the box is let go; Escape puts it back.
for key in ("x", "Enter", "z", "Escape"):
    browser.mouse("mouseMoved", *screen(145, 130))
    browser.mouse("mousePressed", *screen(145, 130), buttons=1, clickCount=1)
    browser.mouse("mouseMoved", *screen(165, 130), buttons=1)
    browser.key(key)
    browser.mouse("mouseMoved", *screen(145, 130), buttons=1)
    browser.mouse("mouseReleased", *screen(145, 130), clickCount=1)
    expect((name(), boxes()), ("p2/doubtful", moved))
browser.drag(screen(145, 130), screen(145, 130))
browser.key("ArrowLeft", shift=True)
moved[0][0] -= 10
expect(boxes(), moved)
# Beyond the border it stays inside.
browser.drag(screen(moved[0][0] + 5, moved[0][1] + 5), (screen(399, 0)[0] + 60, screen(0, 0)[1] + 2))
inside = boxes()
expect(inside[0][0] + inside[0][2], 400)
browser.key("z")
expect(boxes(), moved)
browser.key("Enter")

expect(name(), "p3/double")
browser.key("Tab")
browser.key("Delete")
expect(boxes(), [[200, 100, 50, 30]])
browser.key("Tab")
browser.key("i")
expect(kinds(), ["technologist"])
browser.drag(screen(250, 130), screen(270, 145))
near(boxes(), [[200, 100, 70, 45]])
browser.key("ArrowRight", alt=True)
resized = boxes()
browser.key("Escape")
browser.key("j")

expect(name(), odd)
browser.key("n")
expect(boxes(), [])
browser.key("j")

expect(name(), "p2/none")
browser.drag(screen(300, 200), screen(340, 225))
browser.key("l")
near(boxes(), [[300, 200, 40, 25]])
browser.key("a")
browser.key("u")
expect(len(boxes()), 2)
browser.click("#kinds button[data-kind=marker]")
browser.key("+")
browser.wait("document.getElementById('sheet').clientWidth > document.getElementById('view').clientWidth")
browser.key("0")
added = boxes()
expect(kinds(), ["laterality", "marker"])

browser.screenshot(str(work / "page.png"))
browser.key("?")
expect(browser.value("document.getElementById('keys').open"), True)
browser.key("Escape")
expect(browser.value("document.getElementById('keys').open"), False)

browser.open("about:blank")
browser.open(page)
expect(browser.value("document.getElementById('progress').textContent"), "4 of 4 examined")
expect(boxes(), moved)
browser.key("s")
digest = json.loads(browser.value("document.getElementById('data').textContent"))["table"]
saved = work / f"edits_{digest[:8]}_1.json"
for _ in range(400):
    if saved.exists() and saved.stat().st_size > 0:
        break
    time.sleep(0.05)


def entry(image, *contents):
    return {"id": image, "width": 400, "height": 240, "boxes": list(contents)}


def box(at, kind, **origin):
    return dict(zip("xywh", at), kind=kind, **origin)


wanted = {"schema": "tagconf.review/1", "table": digest, "page": 1, "images": [
    entry(odd), entry("p2/doubtful", box(moved[0], "laterality", **{"from": 0})),
    entry("p2/none", box(added[0], "laterality"), box(added[1], "marker")),
    entry("p3/double", box(resized[0], "technologist", **{"from": 1}))]}
expect(json.loads(saved.read_text()), wanted)
expect(browser.complaints, [])
expect([r for r in browser.requests if not r.startswith(("file:", "data:", "blob:"))], [])
browser.close()

run("review", work / "tags.csv", "--apply", saved, "--out", work / "corrected.csv")
rows = [[r[k] for k in ("image_id", "x", "y", "w", "h", "kind", "score", "source", "letter")]
        for r in csv.DictReader(open(work / "corrected.csv", newline=""))]


def row(image, at, kind, letter=""):
    return [image, *map(str, at), kind, "", "person", letter]


expect(rows, [[odd, "", "", "", "", "", "", "person", ""], row("p2/doubtful", moved[0], "laterality", "L"),
              row("p2/none", added[0], "laterality"), row("p2/none", added[1], "marker"),
              row("p3/double", resized[0], "technologist")])
print("a box moved, resized, added, deleted, named; no tag marked; steps undone; page opened again; edits applied")
