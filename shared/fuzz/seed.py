"""Writes the seeds of the fuzz targets into corpus/<target>, for libFuzzer to start from.

They are those of `shared/tests/fuzz/seeds.rs`: the samples of the project, and what once made a target fail.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
ROOT = FUZZ.parent.parent
CASES = ROOT / "tests" / "cases"
DOCUMENTS = ROOT / "cli" / "tests" / "documents"


def walks(member: str) -> Iterator[object]:
    """A member of each case of whole walks."""
    for controller in ("connections", "organization"):
        for path in sorted((CASES / controller).glob("*/case.json")):
            case = json.loads(path.read_text(encoding="utf-8"))
            if member in case:
                yield case[member]


def messages() -> Iterator[str]:
    """The bodies of the event parser's cases, as they lie in the queue."""
    for path in sorted((CASES / "event").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        yield case["body"] if "body" in case else json.dumps(case["message"])


def texts(*folders: Path, pattern: str) -> Iterator[str]:
    """The files of these names."""
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            yield path.read_text(encoding="utf-8")


def seeds() -> dict[str, list[str]]:
    """All seeds by target."""
    made = {
        "event": [*messages()],
        "configuration": [
            *texts(DOCUMENTS, pattern="*/drawbridge.yaml"),
            *(json.dumps(configuration) for configuration in walks("configuration")),
        ],
        "policy": [
            *texts(DOCUMENTS, pattern="*/acceptance.cedar"),
            *texts(ROOT / "infra" / "policies", pattern="*.cedar"),
            *(str(policy) for policy in walks("policy")),
        ],
    }
    for target, found in made.items():
        found.extend(texts(CASES / "fuzz" / target, pattern="*"))
    return made


def main() -> None:
    """Writes each seed under the name of its digest, so that a changed sample is a new seed."""
    for target, found in seeds().items():
        if not found:
            raise SystemExit(f"no seeds for {target}")
        corpus = FUZZ / "corpus" / target
        corpus.mkdir(parents=True, exist_ok=True)
        for text in found:
            content = text.encode("utf-8", "surrogatepass")
            (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
        print(f"{len(found)} seeds in {corpus}")


if __name__ == "__main__":
    main()
