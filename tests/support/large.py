"""A diagram as large as an office ever draws."""

from tests.support.turning import diagram, process

STEPS = 500


def large_diagram(documentation: int) -> str:
    """Return a diagram of 2,000 elements; each step is documented with so many characters."""
    words = "说明" * (documentation // 2)
    parts = ['<startEvent id="begin"/>', '<endEvent id="finish"/>']
    before = "begin"
    for number in range(STEPS):
        parts += [
            f'<userTask id="T{number}" name="第 {number} 步" camunda:assignee="initiator">'
            f"<documentation>{words}</documentation></userTask>",
            f'<exclusiveGateway id="G{number}" default="d{number}"/>',
            f'<sequenceFlow id="a{number}" sourceRef="{before}" targetRef="T{number}"/>',
            f'<sequenceFlow id="b{number}" sourceRef="T{number}" targetRef="G{number}"/>',
            f'<sequenceFlow id="c{number}" sourceRef="G{number}" targetRef="finish">'
            f"<conditionExpression>stop = {number}</conditionExpression></sequenceFlow>",
        ]
        target = f"T{number + 1}" if number < STEPS - 1 else "finish"
        before = f"M{number}" if number < STEPS - 1 else ""
        if before:
            parts += [
                f'<sequenceFlow id="d{number}" sourceRef="G{number}" targetRef="{before}"/>',
                f'<intermediateThrowEvent id="{before}"/>',
            ]
        else:
            parts.append(f'<sequenceFlow id="d{number}" sourceRef="G{number}" targetRef="{target}"/>')
    return diagram(process("main", "".join(parts))).decode()
