"""Writes the messages of tests/cases/event as seeds into corpus/event, for cargo-fuzz to start from."""

import json
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
CASES = FUZZ.parent.parent / "tests" / "cases" / "event"
CORPUS = FUZZ / "corpus" / "event"


def main() -> None:
    """Writes one seed a case: the body as it would lie in the queue."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    cases = sorted(CASES.glob("*.json"))
    if not cases:
        raise SystemExit(f"no cases in {CASES}")
    for path in cases:
        case = json.loads(path.read_text(encoding="utf-8"))
        body = case["body"] if "body" in case else json.dumps(case["message"])
        (CORPUS / path.stem).write_text(body, encoding="utf-8")
    print(f"{len(cases)} seeds in {CORPUS}")


if __name__ == "__main__":
    main()
