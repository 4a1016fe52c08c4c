"""Opens an exported page in Chromium, does what its arguments say, and prints as JSON what a reader sees.

browse.py PAGE STEP…: each step yields one element of "steps".
  search=TEXT  choose=problems  kind=postgres.statement  unfold  fold  open=N  close=N  key=NAME  turn=later
  read  go=HASH  text=CSS  focus  dark  print
"""

import json
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait


def start():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    # No sandbox: tests may run as root. The page is under test, not the browser.
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "force-prefers-reduced-motion", "window-size=1280,1800"):
        options.add_argument("--" + flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # A dialog that a page opens is left open, and makes the next step fail.
    options.set_capability("unhandledPromptBehavior", "ignore")
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Reader:
    def __init__(self, driver):
        self.driver = driver

    def element(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def settle(self, script, *given):
        WebDriverWait(self.driver, 60).until(lambda driver: driver.execute_script(f"return {script}", *given))

    def list(self):
        """What stands in the list: count, titles of the events, which of them are open."""
        return self.driver.execute_script(
            """return {count: document.getElementById("count").textContent,
                titles: [...document.querySelectorAll("#events .title")].map((title) => title.textContent),
                open: document.querySelectorAll("#events details[open]").length,
                marks: [...document.querySelectorAll("#events mark")].map((mark) => mark.textContent)}""")

    def step(self, word):
        name, _, value = word.partition("=")
        return getattr(self, "do_" + name)(value)

    def do_search(self, text):
        field = self.element("#search")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        if text:
            field.send_keys(text)
        self.settle("state.sought === arguments[0]", text.strip().lower())
        return self.list()

    def do_choose(self, choice):
        self.element(f"label:has(input[value={choice}])").click()
        return self.list()

    def do_kind(self, kind):
        Select(self.element("#kind")).select_by_value(kind)
        return self.list()

    def do_fold(self, _):
        if self.element("#fold").get_attribute("aria-expanded") == "true":
            self.element("#fold").click()
        return self.list()

    def do_unfold(self, _):
        if self.element("#fold").get_attribute("aria-expanded") == "false":
            self.element("#fold").click()
        self.settle("[...document.querySelectorAll('#events details')].every((each) => each.querySelector('.inside'))")
        return self.list()

    def do_open(self, number):
        self.element(f"#event-{number} summary").click()
        self.settle("document.querySelector(arguments[0]) !== null", f"#event-{number} .inside")
        return self.element(f"#event-{number}").text

    def do_close(self, number):
        self.element(f"#event-{number} summary").click()
        return self.list()

    def do_read(self, _):
        """All that the list holds, page by page, unfolded."""
        text = ""
        while True:
            self.do_unfold("")
            text += self.element("#events").text + "\n"
            later = self.element(".pager .later")
            if not (later.is_displayed() and later.is_enabled()):
                return text
            later.click()

    def do_turn(self, way):
        self.element(f".pager .{way}").click()
        return self.list()

    def do_key(self, name):
        self.driver.switch_to.active_element.send_keys(getattr(Keys, name))
        return self.do_focus("")

    def do_focus(self, _):
        """What a screen reader tells of the element that has the focus: role and name."""
        focused = self.driver.switch_to.active_element
        return [focused.aria_role, focused.accessible_name]

    def do_go(self, place):
        self.driver.execute_script("location.hash = arguments[0]", place)
        self.settle("document.activeElement.closest('li')?.id === arguments[0]", place)
        return self.list()

    def do_text(self, css):
        return [each.text for each in self.driver.find_elements(By.CSS_SELECTOR, css)]

    def do_dark(self, _):
        self.element("#scheme").click()
        return self.driver.execute_script("return getComputedStyle(document.documentElement).backgroundColor")

    def do_print(self, _):
        return len(self.driver.print_page()) > 0


def main():
    driver = start()
    try:
        driver.get("file://" + sys.argv[1])
        reader = Reader(driver)
        reader.settle("document.body.getAttribute('aria-busy') === 'false'")
        steps = [reader.step(word) for word in sys.argv[2:]]
        logs = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        requests = [log["params"]["request"]["url"] for log in logs if log["method"] == "Network.requestWillBeSent"]
        print(json.dumps({
            "title": driver.title,
            "steps": steps,
            "console": [entry["message"] for entry in driver.get_log("browser")],
            "foreign": [url for url in requests if url.split("#")[0] != "file://" + sys.argv[1]],
            "broken": driver.execute_script("return 'broken' in window"),
            "elements": sorted(driver.execute_script(
                "return [...new Set([...document.querySelectorAll('*')].map((each) => each.localName))]")),
            "text": reader.element("body").text,
        }))
    finally:
        driver.quit()


main()
