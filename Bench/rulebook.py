"""Rules as a company could have them: all of them concern the caller, and none applies to what pgbench does."""

ABOUT = (
    "tables: [payroll.salaries_{0}]",
    "tables: [customers_{0}, orders_{0}]\n        kinds: [write]",
    "tables: [archive_{0}_*]",
    "tables: [people_{0}]\n        columns: [birthday, card_number]",
    "columns: [card_number_{0}]",
    "functions: [audit_{0}, export_{0}*]",
    "kinds: [update, delete]\n        tables: [journal_{0}]\n        withoutPredicate: true",
    "kinds: [definition]\n        tables: [ledger_{0}]",
)


def text(count, hours=0):
    """The section `rules`; the first `hours` of them count by night only."""
    lines = ["rules:", "  default: allow", "  named:"]
    for number in range(count):
        verdict = "ask" if number % 10 == 9 else "deny"
        lines += [f"    - name: rule-{number}", f"      verdict: {verdict}", "      statements:",
                  "        " + ABOUT[number % len(ABOUT)].format(number)]
        if number < hours:
            lines += ['      hours: { from: "22:00", to: "06:00" }']
    return "\n".join(lines)
