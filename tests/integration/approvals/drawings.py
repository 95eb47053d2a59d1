"""Drawings that several rules are tried on."""

from tests.support.turning import user


def branches(*tasks_: str, split: str = "parallelGateway") -> str:
    """Return a process: A, then the given tasks side by side, then Z."""
    ids = [one.split('id="')[1].split('"')[0] for one in tasks_]
    flows = [("begin", "A"), ("A", "S"), *[("S", one) for one in ids], *[(one, "J") for one in ids], ("J", "Z")]
    flows.append(("Z", "finish"))
    drawn = "".join(
        f'<sequenceFlow id="w{index}" sourceRef="{source}" targetRef="{target}"/>'
        for index, (source, target) in enumerate(flows)
    )
    return (
        f'<startEvent id="begin"/>{user("A", "1", kind="approval")}<{split} id="S"/>{"".join(tasks_)}<{split} id="J"/>'
        f'{user("Z", "9", kind="approval")}<endEvent id="finish"/>{drawn}'
    )
