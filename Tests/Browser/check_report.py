"""Opens a report in headless Chromium from disk: every page and every picture, on a wide screen, a phone and in the dark.

Usage: check_report.py FOLDER [SCREENSHOTS]. Prints one line, `PAGES LINKS`, and fails with sentences where a page has a console message, a broken
picture, a dead link, asks the network for anything, or is wider than its screen.
"""

import pathlib
import sys
from urllib.parse import unquote, urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

VIEWS = {"wide": (1280, 900, "light"), "phone": (390, 844, "light"), "dark": (390, 844, "dark")}


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def main(folder, screenshots=None):
    root = pathlib.Path(folder).resolve()
    faults, seen, links = [], set(), 0
    driver = browser()
    waiting = [root / "index.html"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        name = page.relative_to(root)
        for view, (width, height, scheme) in VIEWS.items():
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            driver.get(page.as_uri())
            # Pictures that are folded away or far below are asked for too.
            driver.execute_script("document.querySelectorAll('details').forEach(d => d.open = true); document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
            driver.execute_async_script("Promise.all([...document.images].map(i => i.decode().catch(() => 0))).then(arguments[0])")
            broken = driver.execute_script("return [...document.images].filter(i => !i.naturalWidth).map(i => i.src)")
            faults += [f"{name} ({view}): {source} is no picture" for source in broken]
            wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
            if wide > 1:
                faults.append(f"{name} ({view}): {wide} pixels wider than the screen")
            small = driver.execute_script("return parseFloat(getComputedStyle(document.body).fontSize)")
            if small < 14:
                faults.append(f"{name} ({view}): text of {small} pixels")
            ink, paper = driver.execute_script("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
            if scheme == "dark" and sum(numbers(paper)) > sum(numbers(ink)):
                faults.append(f"{name} ({view}): {ink} on {paper} is not dark")
            if screenshots and name.name == "index.html" and len(seen) in (1, 2, 9):
                driver.save_screenshot(str(pathlib.Path(screenshots) / f"{name.parent.name or 'index'}-{view}.png"))
            faults += [f"{name} ({view}): {entry['message']}" for entry in driver.get_log("browser")]
            for entry in driver.get_log("performance"):
                if '"Network.requestWillBeSent"' in entry["message"] and ('"url":"http' in entry["message"]):
                    faults.append(f"{name} ({view}): asks the network: {entry['message'][:200]}")
        for target in driver.execute_script("return [...document.querySelectorAll('a')].map(a => a.href)"):
            links += 1
            parts = urlsplit(target)
            if parts.scheme != "file":
                continue
            path = pathlib.Path(unquote(parts.path))
            if not path.exists():
                faults.append(f"{name}: the link {target} leads nowhere")
            elif root not in path.parents:
                faults.append(f"{name}: the link {target} leads out of the report")
            elif path.suffix == ".html":
                waiting.append(path)
    driver.quit()
    print(len(seen), links)
    if faults:
        sys.exit("\n".join(faults[:40]))


def numbers(colour):
    return [float(n) for n in colour[colour.index("(") + 1 : -1].split(",")[:3]]


if __name__ == "__main__":
    main(*sys.argv[1:])
