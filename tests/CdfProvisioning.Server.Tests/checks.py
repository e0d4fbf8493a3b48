"""What every script of checks begins with: each function of it that has no underscore is a check, and its result is printed as JSON."""

import json
import sys
import traceback
import types


def _equal(expected, actual):
    assert expected == actual, f"expected {expected!r}, got {actual!r}"


def _run():
    results = {}
    for name, check in list(globals().items()):
        if isinstance(check, types.FunctionType) and not name.startswith("_"):
            try:
                check()
                results[name] = ""
            except Exception:
                results[name] = traceback.format_exc()
    print(json.dumps(results))
