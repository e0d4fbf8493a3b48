"""What an installed botocore knows of the members of AWS's requests.

service_model.py table SERVICE OPERATION...   prints the bounds as a table, to renew ours by hand (see ServiceModel.cs)
service_model.py cases SERVICE < OPERATIONS   prints, for a JSON array of operations, a request a line that is just inside or
                                              just outside a bound: {operation, member, rule, inside, outside, parameters}
"""

import json
import re
import sys

import botocore.session

_BOUNDS = ("min", "max", "pattern", "enum")


def _bounds(shape):
    return {name: value for name, value in shape.metadata.items() if name in _BOUNDS}


# The table


def _has_rules(shape, path=()):
    if shape.name in path:
        return False
    path += (shape.name,)
    if shape.type_name == "structure":
        return bool(shape.required_members) or any(_has_rules(member, path) for member in shape.members.values())
    if shape.type_name == "list":
        return bool(_bounds(shape)) or _has_rules(shape.member, path)
    if shape.type_name == "map":
        return bool(_bounds(shape)) or _has_rules(shape.key, path) or _has_rules(shape.value, path)
    return bool(_bounds(shape))


def _members(shape):
    for name, member in shape.members.items():
        required, ruled = name in shape.required_members, _has_rules(member)
        if required or ruled:
            yield f"{name}{'!' if required else ''}{'=' + member.name if ruled else ''}"


def _line(name, shape):
    bounds = _bounds(shape)
    size = f" {bounds.get('min', '')}..{bounds.get('max', '')}" if "min" in bounds or "max" in bounds else ""
    if shape.type_name == "structure":
        return f"{name} structure {' '.join(_members(shape))}".rstrip()
    if shape.type_name == "list":
        return f"{name} list {shape.member.name}{size}"
    if shape.type_name == "map":
        return f"{name} map {shape.key.name} {shape.value.name}{size}"
    if bounds.get("enum"):
        return f"{name} enum {' '.join(bounds['enum'])}"
    if shape.type_name in ("integer", "long"):
        return f"{name} number{size}"
    return f"{name} {'blob' if shape.type_name == 'blob' else 'text'}{size}{' ' + bounds['pattern'] if 'pattern' in bounds else ''}"


def table(service, operations):
    model = botocore.session.get_session().get_service_model(service)
    shapes = {}

    def add(shape):
        if shape.name in shapes or not _has_rules(shape):
            return
        shapes[shape.name] = shape
        for part in list(getattr(shape, "members", {}).values()) + [getattr(shape, part, None) for part in ("member", "key", "value")]:
            if part is not None:
                add(part)

    for operation in operations:
        request = model.operation_model(operation).input_shape
        print(_line(operation, request) if request else f"{operation} structure")
        for member in request.members.values() if request else ():
            add(member)
    print()
    for name in sorted(shapes):
        print(_line(name, shapes[name]))


# The cases

# A text for each pattern that no simple filling matches.
_TEXTS = {
    "CertificateSigningRequest": "-----BEGIN CERTIFICATE REQUEST-----",
    "Marker": "AAAA",
}
_FILLINGS = ("a", "1", "A", "/a", "1.2.3", "AAAA", "Name", "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012", "arn:aws:iot:us-east-1:123456789012:cert/a", "12345678-1234-1234-1234-123456789012")


def _compiled(pattern):
    """Java's dialect, in which the model is written: \\p{Graph} and \\w are ASCII."""
    for java, python in ((r"\p{Graph}", r"\x21-\x7e"), (r"\p{L}", r"a-zA-Z\u00c0-\u024f"), (r"\p{N}", "0-9"), (r"\p{Z}", r" \u00a0"), (r"[^\p{C}]", r"[^\x00-\x1f\x7f]"), (r"\p{Alnum}", "a-zA-Z0-9")):
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.ASCII)


def _text(shape, length=None):
    """A text that the shape takes, as long as asked; None if none is found."""
    bounds = _bounds(shape)
    if bounds.get("enum"):
        return bounds["enum"][0]
    pattern = _compiled(bounds.get("pattern", r"[\s\S]*"))
    wanted = length if length is not None else max(bounds.get("min", 1), 1)
    if wanted > bounds.get("max", wanted):
        return None
    for filling in ([_TEXTS[shape.name]] if shape.name in _TEXTS else []) + list(_FILLINGS):
        for text in (filling + filling[-1] * (wanted - len(filling)), filling[-1] * wanted if length is not None else filling):
            if (length is None and bounds.get("min", 0) <= len(text) <= bounds.get("max", len(text)) or len(text) == length) and pattern.fullmatch(text):
                return text
    return None


def _sample(shape, path=()):
    if shape.name in path:
        return None
    path += (shape.name,)
    if shape.type_name == "structure":
        return {name: _sample(shape.members[name], path) for name in shape.required_members}
    if shape.type_name == "list":
        return [_sample(shape.member, path) for _ in range(_bounds(shape).get("min", 1))]
    if shape.type_name == "map":
        return {_sample(shape.key, path): _sample(shape.value, path)}
    if shape.type_name in ("integer", "long", "double", "float"):
        return _bounds(shape).get("min", 1)
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "timestamp":
        return 1700000000
    if shape.type_name == "blob":
        return "YQ=="
    return _text(shape)


def _variants(shape):
    """(the type whose bound it is, rule, value inside, value outside)"""
    bounds = _bounds(shape)
    low, high = bounds.get("min"), bounds.get("max")
    if shape.type_name in ("integer", "long"):
        if low is not None:
            yield shape, "min", low, low - 1
        if high is not None:
            yield shape, "max", high, high + 1
    elif shape.type_name == "string" and bounds.get("enum"):
        for value in bounds["enum"]:
            yield shape, "enum", value, bounds["enum"][0] + "_"
    elif shape.type_name == "string":
        if low:
            yield shape, "min", _text(shape, low), (_text(shape, low) or "a" * low)[:-1]
        if high is not None:
            inside = _text(shape, high)
            yield shape, "max", inside, (inside or "a" * high) + (inside or "a")[-1]
        if "pattern" in bounds:
            good, pattern = _text(shape), _compiled(bounds["pattern"])
            bad = next((t for c in ' \x07"^' for t in ((good or "a")[:-1] + c, (good or "a") + c) if not pattern.fullmatch(t)
                        and (low or 0) <= len(t) <= (high or len(t))), None)
            if bad is not None:
                yield shape, "pattern", good, bad
    elif shape.type_name == "list":
        item = _sample(shape.member)
        if low:
            yield shape, "min", [item] * low, [item] * (low - 1)
        if high is not None:
            yield shape, "max", [item] * high, [item] * (high + 1)
        for bounded, rule, inside, outside in _variants_below(shape.member):
            yield bounded, f"item {rule}", [inside] * max(low or 1, 1), [outside] * max(low or 1, 1)
    elif shape.type_name == "map":
        key, value = _sample(shape.key), _sample(shape.value)
        for bounded, rule, inside, outside in _variants(shape.key):
            yield bounded, f"key {rule}", None if inside is None else {inside: value}, {outside: value}
        for bounded, rule, inside, outside in _variants_below(shape.value):
            yield bounded, f"value {rule}", None if inside is None else {key: inside}, {key: outside}


def _variants_below(shape, path=()):
    yield from _variants(shape)
    if shape.type_name == "structure" and shape.name not in path:
        for name, member in shape.members.items():
            whole = _sample(shape)
            for bounded, rule, inside, outside in _variants_below(member, path + (shape.name,)):
                yield bounded, f"{name} {rule}", None if inside is None else {**whole, name: inside}, {**whole, name: outside}
            if name in shape.required_members:
                yield shape, f"{name} required", whole, {n: v for n, v in whole.items() if n != name}


def cases(service, operations, lines=None):
    """Where lines of a table are given, only bounds that it has too: an older or a newer model than the table's may have others."""
    known = None if lines is None else {frozenset(line.split()) for line in lines}

    def is_known(line):
        return known is None or any(frozenset(line.split()) <= words for words in known)

    model = botocore.session.get_session().get_service_model(service)
    for operation in operations:
        if operation not in model.operation_names:
            continue
        request = model.operation_model(operation).input_shape
        if request is None:
            continue
        whole = _sample(request)
        for name, member in request.members.items():
            required = "!" if name in request.required_members else ""
            for bounded, rule, inside, outside in _variants_below(member):
                if not is_known(f"{operation} structure {name}{required}={member.name}") or not is_known(_line(bounded.name, bounded)):
                    continue
                if inside is not None:
                    _print(operation, name, rule, True, {**whole, name: inside})
                _print(operation, name, rule, False, {**whole, name: outside})
            if name in request.required_members:
                _print(operation, name, "required", True, whole)
                _print(operation, name, "required", False, {n: v for n, v in whole.items() if n != name})


def _print(operation, member, rule, inside, parameters):
    print(json.dumps({"operation": operation, "member": member, "rule": rule, "inside": inside, "parameters": parameters}))


if __name__ == "__main__":
    if sys.argv[1] == "table":
        table(sys.argv[2], sys.argv[3:])
    else:
        cases(sys.argv[2], json.load(sys.stdin))
