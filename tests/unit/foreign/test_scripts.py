"""Scripts of other languages do in the sandbox what they did at home, or are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.definitions.foreign.scripts import condition_of, translate_script
from engine.definitions.foreign.syntax import Untranslatable
from engine.expressions import evaluator
from engine.expressions.errors import ExpressionError, ThrownByScript


def run(language: str, text: str, result: str | None = None, **variables: Any) -> dict[str, Any]:
    """Translate a script, run it, and return the variables that it set."""
    return evaluator().run_script("javascript", translate_script(language, text, result), variables)


@pytest.mark.parametrize(
    ("text", "variables", "wanted"),
    [
        ("a = 1", {}, {"a": 1}),
        ("x, y = 1, 2\nz = x + y", {}, {"x": 1, "y": 2, "z": 3}),
        ("x, y = y, x", {"x": 1, "y": 2}, {"x": 2, "y": 1}),
        ("v += 1; w *= 2", {"v": 1, "w": 3}, {"v": 2, "w": 6}),
        ("s = {'a': [1, 2], 'b': None}", {}, {"s": {"a": [1, 2], "b": None}}),
        ("m['new'] = 'x'", {"m": {}}, {"m": {"new": "x"}}),
        ("x = items[-1] + items[0]", {"items": [1, 2, 3]}, {"x": 4}),
        ("x = a // 2\ny = a % 3\nz = a ** 2", {"a": -7}, {"x": -4, "y": 2, "z": 49}),
        ("n = len(a) + len(b) + len(c)", {"a": "abc", "b": [1], "c": {"k": 1}}, {"n": 5}),
        ("t = f'{name}: {n}'", {"name": "a", "n": 1}, {"t": "a: 1"}),
        ("u = name.upper() + '-'.join(parts)", {"name": "a", "parts": ["x", "y"]}, {"u": "Ax-y"}),
        ("if not items:\n  r = 0\nelif items[0] > 1:\n  r = 1\nelse:\n  r = 2", {"items": []}, {"r": 0}),
        ("if 1 < n <= 3 and kind in ['a', 'b']:\n  r = True", {"n": 2, "kind": "b"}, {"r": True}),
        ("r = 'yes' if 'x' in label else 'no'", {"label": "axb"}, {"r": "yes"}),
        ("for i in items:\n  total += i", {"items": [1, 2], "total": 0}, {"total": 3}),
        ("while n < 5:\n  n += 2", {"n": 0}, {"n": 6}),
        ("names = [p['n'] for p in people if p['age'] > 17]", {"people": [{"n": "a", "age": 20}, {"n": "b", "age": 3}]},
         {"names": ["a"]}),
        ("total = sum(p['q'] * 2 for p in products.values())", {"products": {"a": {"q": 2}}}, {"total": 4}),
        ("ok = any(x > 2 for x in items) and all(items)", {"items": [1, 3]}, {"ok": True}),
        ("items.append(3)", {"items": [1]}, {"items": [1, 3]}),
        ("if 'hey' in locals():\n  r = 1\nelse:\n  r = 2", {}, {"r": 2}),
        ("x = a if a is not None else 5", {"a": None}, {"x": 5}),
        ("del q", {"q": 1}, {"q": None}),
        ("x = 1\ndel q", {"q": 1}, {"x": 1, "q": None}),
        ("x = a[1:3]\ny = a[2:]\nz = a[:-1]", {"a": "abcd"}, {"x": "bc", "y": "cd", "z": "abc"}),
        ("while true:\n  n += 1\n  if n > 3:\n    break", {"n": 0, "true": True}, {"n": 4}),
        ("import time\nprint('x')\ntime.sleep(1)\n# a comment\n'''a text'''", {}, {}),
        ("Map = 1\nnew = Map + 1", {}, {"Map": 1, "new": 2}),
    ],
)  # fmt: skip
def test_python_script_sets_what_it_set_in_python(text: str, variables: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = run("python", text, **variables)
    assert {key: found[key] for key in found if not key.startswith("part_") and key not in ("i",)} == wanted
    at_home: dict[str, Any] = dict(variables)
    if "locals" not in text and "sleep" not in text:
        exec(text, at_home)
        assert {key: at_home.get(key) for key in wanted} == {key: wanted[key] for key in wanted}


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n  return 1",
        "import os\nenv = os.environ",
        "try:\n  a = 1\nexcept:\n  a = 2",
        "x = open('/etc/passwd').read()",
        "class A: pass",
        "x = lambda: 1",
        "x = a[1:2:2]",
        "x = f'{a:>10}'",
        "x = 'a %d' % 1",
        "with a as b: pass",
        "global x",
        "x = (y := 1)",
        "x = __import__('os')",
        "x =",
    ],
)
def test_python_that_does_more_is_refused(text: str) -> None:
    with pytest.raises(Untranslatable):
        translate_script("python", text)


@pytest.mark.parametrize(
    ("language", "text", "variables", "wanted"),
    [
        ("groovy", "execution.setVariable('x', 1)", {}, {"x": 1}),
        ("groovy", 'def v = "a"\nexecution.setVariable("x", v)', {}, {"x": "a"}),
        ("groovy", 'def x = execution.getVariable("x")\nexecution.setVariable("y", x + 1)', {"x": 1}, {"y": 2}),
        ("groovy", "def p = execution.getProcessInstance()\np.setVariable('n', p.getVariable('n') + 1)", {"n": 1},
         {"n": 2}),
        ("groovy", 'execution.setVariable("k_${name}", "v$name")', {"name": "a"}, {"k_a": "va"}),
        ("groovy", "sum = 0\nfor (i in list) { sum += i }\nexecution.setVariable('sum', sum)", {"list": [1, 2]},
         {"sum": 3}),
        ("groovy", "println 'x'\nSystem.out.println \"y\"\nout:println 'z' + a;\nThread.sleep(5)", {"a": 1}, {}),
        ("groovy", "if (a?.b == null || list) { execution.setVariable('r', [1]) }\nelse println 'x'",
         {"a": {}, "list": []}, {"r": [1]}),
        ("java",
         'kcontext.setVariable("x", Integer.toString(Integer.parseInt((String) kcontext.getVariable("x")) + 1));',
         {"x": "4"}, {"x": "5"}),
        ("java", "x++; System.out.println(x); kcontext.setVariable(\"x\", x);", {"x": 1}, {"x": 2}),
        ("java", 'List<String> l = new ArrayList<String>(); l.add("a"); kcontext.setVariable("l", l);', {},
         {"l": ["a"]}),
        ("java", 'java.util.Map m = new java.util.HashMap(); m.put("k", 1); kcontext.setVariable("m", m);', {},
         {"m": {"k": 1}}),
        ("java", 'if (n == null || n.isEmpty()) { kcontext.setVariable("n", "john"); }', {"n": ""}, {"n": "john"}),
        ("java", 'list.add("b");', {"list": ["a"]}, {"list": ["a", "b"]}),
        ("java", 'for (int i = 0; i < 3; i++) { kcontext.setVariable("i", i); }', {}, {"i": 2}),
        ("java", 'for (String s : names) { kcontext.setVariable("last", s.toUpperCase()); }', {"names": ["a", "b"]},
         {"last": "B"}),
        ("java", 'kcontext.setVariable("n", new Integer(3));', {}, {"n": 3}),
        ("mvel", 'kcontext.setVariable("half", n / 2)', {"n": 5}, {"half": 2.5}),
        ("juel", "${execution.setVariable('x', a + 1)}", {"a": 1}, {"x": 2}),
    ],
)  # fmt: skip
def test_script_sets_its_variables(language: str, text: str, variables: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert run(language, text, **variables) == wanted


def test_last_value_goes_to_the_result_variable() -> None:
    assert run("groovy", "def a = 2\na * b", "r", b=3) == {"r": 6}
    assert run("juel", "#{echo}", "r", echo="hi") == {"r": "hi"}
    assert run("groovy", "if (b > 1) { 'big' } else { 'small' }", "r", b=3) == {"r": "big"}


def test_names_without_declaration_are_stored_when_the_engine_stores_them() -> None:
    text = "total = 1\nfor (i in list) total += i"
    assert evaluator().run_script("javascript", translate_script("groovy", text, stores=True), {"list": [1, 2]}) == {
        "total": 4
    }
    assert run("groovy", text, list=[1, 2]) == {}


def test_python_of_camunda_sets_variables_of_the_execution() -> None:
    text = "n = execution.getVariable('a') + 1\nexecution.setVariable('b', n)"
    assert evaluator().run_script("javascript", translate_script("python", text, stores=False), {"a": 1}) == {"b": 2}


def test_bpmn_error_has_its_code() -> None:
    with pytest.raises(ThrownByScript) as caught:
        run("groovy", 'throw new org.flowable.engine.delegate.BpmnError("E1", "no");')
    assert (caught.value.code, str(caught.value)) == ("E1", "no")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("groovy", "try { a() } catch (e) { }"),
        ("groovy", "bean.doIt(execution)"),
        ("groovy", "list.each { println it }"),
        ("java", "int half = n / 2;"),
        ("java", "new Thread(task).start();"),
        ("ruby", "x = 1"),
        ("groovy", "execution.setVariable('x'"),
    ],
)
def test_script_that_does_more_is_refused(language: str, text: str) -> None:
    with pytest.raises(Untranslatable):
        translate_script(language, text)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("java", "return x > 10;", "x > 10"),
        ("java", 'return "script".equals(node);', 'node = "script"'),
        ("java", "return !KieFunctions.isTrue(check);", "check != true"),
        ("groovy", "input == 'left'", 'input = "left"'),
        ("groovy", "a in ['x', 'y']", 'list contains(["x", "y"], a)'),
        ("javascript", "next(null, this.environment.variables.input <= 50);", "input <= 50"),
        ("javascript", "const rules = this.content.rules; next(null, rules.max > 1)", "rules.max > 1"),
        ("javascript", "environment.variables['take-2'] === true", "take-2 = true"),
        ("python", "'a' in names and len(names) > 1",
         '(if string(names) = names then contains(names, "a") else list contains(names, "a"))'
         " and (if string(names) = names then string length(names) else count(names)) > 1"),
        ("python", "not done", 'done = null or done = false or done = "" or done = 0 or done = []'),
        ("python", "datetime.now() + timedelta(hours=2)", 'now() + duration("PT7200S")'),
    ],
)  # fmt: skip
def test_condition_is_what_the_script_returns(language: str, text: str, wanted: str) -> None:
    assert condition_of(language, text) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("javascript", "environment.variables.seen = true; next(null, true)"),
        ("java", "x++; return x > 1;"),
        ("java", ""),
    ],
)
def test_condition_that_changes_something_is_refused(language: str, text: str) -> None:
    with pytest.raises(Untranslatable):
        condition_of(language, text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("var sum = a + 1; execution.setVariable('sum', sum);", {"sum": 2}),
        ("var local = 5; execution.setVariable('x', local)", {"x": 5}),
        ("var seen = a", {"seen": 1}),
        ("a = 5; execution.setVariable('x', 1)", {"a": 5, "x": 1}),
        ("execution.setVariable('a', execution.getVariable('a') + 1); execution.setVariable('b', a)", {"a": 2, "b": 2}),
        ("print('x'); console.log(1); java.lang.System.out.println('y')", {}),
        ("if (!execution.hasVariable('z')) execution.removeVariable('a')", {"a": None}),
    ],
)
def test_javascript_finds_the_execution_that_it_was_written_for(text: str, wanted: dict[str, Any]) -> None:
    assert evaluator().run_script("javascript", text, {"a": 1}) == wanted


def test_variable_named_like_the_shim_is_the_variable() -> None:
    text = "task = task + 1; next = 3; variables.seen = typeof execution"
    assert evaluator().run_script("javascript", text, {"task": 1, "execution": "x"}) == {
        "task": 2, "next": 3, "seen": "string",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["BpmnError", "org.camunda.bpm.engine.delegate.BpmnError"])
def test_javascript_throws_a_bpmn_error(name: str) -> None:
    with pytest.raises(ThrownByScript) as caught:
        evaluator().run_script("javascript", f"throw new {name}('E2')", {})
    assert caught.value.code == "E2"


def test_scripts_of_bpmn_engine_go_on_by_next() -> None:
    text = "this.environment.variables.n++; environment.output.m = 2; next(null, { k: 1 })"
    assert evaluator().run_script("javascript", text, {"n": 1}) == {"n": 2, "m": 2, "k": 1}
    with pytest.raises(ExpressionError, match="missing"):
        evaluator().run_script("javascript", "next(new Error('missing'))", {})


def test_python_adds_to_the_clock() -> None:
    text = "soon = (datetime.now() + timedelta(minutes=1.5)).isoformat()"
    at = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
    found = evaluator().run_script("javascript", translate_script("python", text), {}, at=at)
    assert found == {"soon": "2026-01-05T01:01:30.000Z"}
