#!/usr/bin/env python3
"""The page of `passdown report --html` in a real browser: `tests/browser.py PAGE [SCREENSHOTS]`, `tests/browser.py --hostile FOLDER`.

Wants selenium, chromium and its driver. Opens the page from `file://`, looks whether it draws, sorts, filters and opens
a citation, that nothing is logged as an error and nothing is asked of anywhere, in both themes and two widths.

With `--hostile`, opens each page of a folder, made of logs that want out of their quotations, and clicks through all of it: no
dialog, no script but ours, no element that ours do not have, no link that leads away, no request, no word in the console.
`PASSDOWN_PAGES=FOLDER cargo test --test it -- injection hostile` leaves such pages, and one of a harmless log as `usual.html`.
"""

import shutil
import sys
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


def browser(width, dark):
    options = webdriver.ChromeOptions()
    for word in ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},1400"]:
        options.add_argument(word)
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Named, so that nothing is looked for on the network.
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def check(what, true):
    if not true:
        sys.exit(f"browser: {what}")
    print(f"ok: {what}")


def shoot(driver, folder, name):
    if folder:
        driver.save_screenshot(str(folder / f"{name}.png"))


# What a page is built of, as the browser sees it, and where its links lead.
BUILT = """
    const all = [...document.querySelectorAll('*')];
    return {
        elements: [...new Set(all.map(it => it.localName))].sort(),
        attributes: [...new Set(all.flatMap(it => [...it.attributes].map(one => it.localName + ' ' + one.name)))].sort(),
        scripts: document.scripts.length,
        handlers: all.filter(it => [...it.attributes].some(one => one.name.startsWith('on'))).map(it => it.outerHTML.slice(0, 200)),
        away: [...document.links].map(it => it.getAttribute('href')).filter(it => !it.startsWith('#')),
        title: document.title,
    };
"""
# Whatever can be clicked, opened or pointed at; a dialog would stop it.
TOUCH = """
    for (const it of document.querySelectorAll('details')) it.open = true;
    for (const it of document.querySelectorAll('a, button, summary, td, h1, h2, h3, code')) {
        for (const kind of ['mouseover', 'focus', 'click']) it.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
    }
    return document.querySelectorAll('a, button, summary').length;
"""


def hostile(folder):
    pages = sorted(Path(folder).resolve().glob("*.html"))
    usual = [page for page in pages if page.stem == "usual"]
    check("there are pages, and a harmless one", len(pages) > 1 and usual)
    driver = browser(1280, False)
    known, touched = None, 0
    for page in usual + [page for page in pages if page.stem != "usual"]:
        driver.get_log("performance")
        driver.get(page.as_uri())
        # A dialog would make each of these fail.
        built = driver.execute_script(BUILT)
        touched += driver.execute_script(TOUCH)
        after = driver.execute_script(BUILT)
        # A page that was touched has some of its details open.
        known = known or {**built, **{what: sorted({*built[what], *after[what]}) for what in ("elements", "attributes")}}
        name = page.stem
        for what in ("elements", "attributes"):
            more = sorted(set(built[what] + after[what]) - set(known[what]))
            assert not more, f"{name}: {what} that ours do not have: {more}"
        assert built["scripts"] == after["scripts"] == known["scripts"], f"{name}: {built['scripts']} scripts"
        assert not built["handlers"] and not after["handlers"], f"{name}: {after['handlers']}"
        assert not built["away"] and not after["away"], f"{name}: links that lead away: {after['away']}"
        assert built["title"] == after["title"] == known["title"], f"{name}: the title {after['title']!r}"
        assert driver.current_url.split("#")[0] == page.as_uri(), f"{name}: led to {driver.current_url}"
        assert len(driver.window_handles) == 1, f"{name}: another window"
        logged = driver.get_log("browser")
        assert not logged, f"{name}: {logged[:3]}"
        asked = [
            entry["message"] for entry in driver.get_log("performance")
            if '"Network.requestWillBeSent"' in entry["message"] and page.as_uri() not in entry["message"]
        ]
        assert not asked, f"{name}: asked of elsewhere: {asked[:3]}"
    driver.quit()
    print(f"ok: {len(pages)} pages, {touched} things touched: no dialog, no script, no link, no request, no word that is not ours")


def main():
    if sys.argv[1] == "--hostile":
        return hostile(sys.argv[2])
    page = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    for width, dark in [(1280, False), (480, True)]:
        driver = browser(width, dark)
        begin = time.perf_counter()
        driver.get(page.as_uri())
        took = time.perf_counter() - begin
        name = f"{width}-{'dark' if dark else 'light'}"
        print(f"{name}: opened in {took:.2f} s")
        shoot(driver, folder, f"{name}-top")
        rows = lambda: [row for row in driver.find_elements(By.CSS_SELECTOR, "#table tbody tr") if row.is_displayed()]
        cells = lambda at: [row.find_elements(By.TAG_NAME, "td")[at].text for row in rows()]
        all_rows = len(rows())
        check("there are sessions", all_rows > 2)
        check("charts are drawn", all(
            svg.size["width"] > 50 for svg in driver.find_elements(By.CSS_SELECTOR, ".bar, .wide svg")))
        check("the page is not wider than the window", driver.execute_script(
            "return document.documentElement.scrollWidth <= innerWidth"))

        button = driver.find_elements(By.CSS_SELECTOR, "#table thead button")[6]
        driver.execute_script("arguments[0].focus()", button)
        button.send_keys(Keys.ENTER)
        calls = [int(text) for text in cells(6)]
        check("the keyboard sorts, the most first", calls == sorted(calls, reverse=True) and len(set(calls)) > 1)
        button.send_keys(Keys.ENTER)
        check("and the other way round", [int(text) for text in cells(6)] == sorted(calls))

        driver.find_element(By.TAG_NAME, "body").send_keys("/")
        search = driver.switch_to.active_element
        check("/ leads to the search", search.get_attribute("id") == "search")
        search.send_keys("red")
        found = rows()
        check("words filter", 0 < len(found) < all_rows and all("red" in row.text.lower() for row in found))
        search.send_keys(Keys.ESCAPE)
        check("Escape shows all again", len(rows()) == all_rows)

        link = driver.find_element(By.CSS_SELECTOR, "#open a[href*='-L']")
        record = link.get_attribute("href").split("#")[1]
        driver.execute_script("arguments[0].focus()", link)
        link.send_keys(Keys.ENTER)
        opened = driver.find_element(By.ID, record)
        WebDriverWait(driver, 5).until(lambda _: opened.is_displayed() and opened.get_attribute("open"))
        check("what is open leads to its record", opened.find_element(By.TAG_NAME, "pre").text != "")
        session = opened.find_element(By.XPATH, "ancestor::section")
        driver.execute_script("arguments[0].scrollIntoView()", session)
        shoot(driver, folder, f"{name}-session")
        cite = session.find_element(By.CSS_SELECTOR, ".handoff a.cite")
        cited = cite.get_attribute("href").split("#")[1]
        driver.execute_script("arguments[0].focus()", cite)
        cite.send_keys(Keys.ENTER)
        WebDriverWait(driver, 5).until(lambda _: driver.find_element(By.ID, cited).get_attribute("open"))
        check("a citation of the handoff opens its record", True)
        check("one session is shown at a time", len(
            [s for s in driver.find_elements(By.CSS_SELECTOR, ".session") if s.is_displayed()]) == 1)

        errors = [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        check(f"nothing is wrong in the console {errors}", not errors)
        asked = [
            entry["message"] for entry in driver.get_log("performance")
            if '"Network.requestWillBeSent"' in entry["message"]
            and page.as_uri() not in entry["message"]
        ]
        check(f"nothing is asked of anywhere {asked[:3]}", not asked)
        driver.quit()


if __name__ == "__main__":
    main()
