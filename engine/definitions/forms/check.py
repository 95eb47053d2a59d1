"""The walk over one submission: visibility, rights, computed values, then shapes and rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError

from engine.definitions.forms.rules import MOST_ROWS, is_empty, plain, problem, shaped
from engine.definitions.forms.schema import CHOICES, MULTIPLE, FormField, flat, is_expression
from engine.expressions import Evaluator
from engine.wording import say

_FEEL_RULES = ("min", "max", "minLength", "maxLength")
_MISSING = object()


def value_at(data: Any, path: Sequence[str], default: Any = None) -> Any:
    """Return the value under a path of keys."""
    for part in path:
        if not isinstance(data, Mapping) or part not in data:
            return default
        data = data[part]
    return data


def put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set the value under a path of keys."""
    *heads, last = path
    for head in heads:
        inner = data.get(head)
        # A copy, so that what is stored or was sent never changes under its owner.
        data[head] = dict(inner) if isinstance(inner, Mapping) else {}
        data = data[head]
    data[last] = value


def _with_ancestors(
    fields: Sequence[FormField], above: tuple[FormField, ...] = ()
) -> Iterator[tuple[FormField, tuple[FormField, ...]]]:
    """Yield each field of a scope with the groups around it."""
    for item in fields:
        if item.type == "group":
            yield from _with_ancestors(item.children, (*above, item))
        else:
            yield item, above


@dataclass
class Submission:
    """One submission under judgement; ``errors`` fills up on the way."""

    evaluator: Evaluator
    at: datetime
    today: date
    rights: Mapping[str, str]
    partial: bool
    strict: bool
    errors: dict[str, str] = field(default_factory=dict)

    def judge(self, tree: Sequence[FormField], data: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cleaned data of the top scope."""
        self._undeclared(tree, data, "")
        return self._scope(tree=tree, data=data, stored=stored, outer={}, rights=self.rights, place="")

    def _refuse(self, item: FormField, place: str, sentence: str) -> None:
        self.errors[place + item.key] = say("“{label}”：{sentence}", label=item.label, sentence=sentence)

    def _undeclared(self, tree: Sequence[FormField], data: Mapping[str, Any], place: str) -> None:
        if not self.strict:
            return
        declared = {item.path for item in flat(tuple(tree))}
        heads = {path[:length] for path in declared for length in range(1, len(path))}

        def look(value: Mapping[str, Any], prefix: tuple[str, ...]) -> None:
            for key, inner in value.items():
                path = (*prefix, str(key))
                if path in declared:
                    continue
                if path in heads and isinstance(inner, Mapping):
                    look(inner, path)
                elif path not in heads or inner is not None:
                    name = place + ".".join(path)[:100]
                    self.errors[name] = say("表单中没有“{name}”这一项。", name=name)

        look(data, ())

    def _scope(
        self,
        *,
        tree: Sequence[FormField],
        data: Mapping[str, Any],
        stored: Mapping[str, Any],
        outer: Mapping[str, Any],
        rights: Mapping[str, str],
        place: str,
    ) -> dict[str, Any]:
        pairs = list(_with_ancestors(tree))
        values = {item.key: self._sent(item, data, stored, rights) for item, _ in pairs}
        context = self._context(pairs, values, stored, outer)

        readonly = self._flags([(item, item.component.get("readonly")) for item, _ in pairs], context)
        for item, _ in pairs:
            if item.key in readonly:
                values[item.key] = value_at(stored, item.path)
        context = self._context(pairs, values, stored, outer)
        computed = [item for item, _ in pairs if item.type == "expression"]
        for item in computed:
            # One after the other: a computed value may use the one above it.
            values[item.key] = self.evaluator.evaluate(
                str(item.component.get("expression", "null")), context, at=self.at
            )
            put(context, item.path, values[item.key])
        groups = {id(group.component): group for _, above in pairs for group in above}
        hidden_groups = self._flags([(group, group.hide) for group in groups.values()], context)
        hidden = self._flags([(item, item.hide) for item, _ in pairs], context)

        cleaned: dict[str, Any] = {}
        open_fields: list[FormField] = []
        for item, above in pairs:
            right = rights.get(item.key, "edit")
            if item.key in hidden or right == "hidden" or any(id(g.component) in hidden_groups for g in above):
                continue
            if item.type == "expression":
                put(cleaned, item.path, values[item.key])
            elif item.component.get("disabled"):
                continue
            elif right == "read" or item.key in readonly:
                kept = value_at(stored, item.path, _MISSING)
                if kept is not _MISSING:
                    put(cleaned, item.path, kept)
            elif item.type == "dynamiclist":
                put(cleaned, item.path, self._rows(item, values[item.key], stored, context, place))
            else:
                open_fields.append(item)
        self._values(fields=open_fields, values=values, context=context, cleaned=cleaned, place=place, data=data)
        return cleaned

    def _sent(
        self, item: FormField, data: Mapping[str, Any], stored: Mapping[str, Any], rights: Mapping[str, str]
    ) -> Any:
        """Return the value that conditions may see: a forged one of a closed field is none of theirs."""
        if item.type == "expression":
            return None
        closed = (
            rights.get(item.key, "edit") != "edit"
            or item.component.get("disabled")
            or item.component.get("readonly") is True
        )
        return value_at(stored if closed else data, item.path)

    @staticmethod
    def _context(
        pairs: Sequence[tuple[FormField, Any]],
        values: Mapping[str, Any],
        stored: Mapping[str, Any],
        outer: Mapping[str, Any],
    ) -> dict[str, Any]:
        context = {**outer, **stored}
        own: dict[str, Any] = {}
        for item, _ in pairs:
            put(context, item.path, values[item.key])
            put(own, item.path, values[item.key])
        context["this"] = own
        context["parent"] = outer.get("this")
        return context

    def _flags(self, rules: Sequence[tuple[FormField, Any]], context: Mapping[str, Any]) -> set[Any]:
        """Return keys (and component identities) of the fields whose rule is true; one crossing for all."""
        asked = [(item, rule) for item, rule in rules if isinstance(rule, str) and rule.strip()]
        answers = self.evaluator.evaluate_many([rule for _, rule in asked], context, at=self.at)
        true = [item for (item, _), answer in zip(asked, answers, strict=True) if answer is True]
        true += [item for item, rule in rules if rule is True]
        return {item.key for item in true if item.type != "group"} | {id(item.component) for item in true}

    def _rows(
        self, item: FormField, sent: Any, stored: Mapping[str, Any], context: Mapping[str, Any], place: str
    ) -> list[Any]:
        rows = [] if sent is None else sent
        before = value_at(stored, item.path)
        before = before if isinstance(before, list) else []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            self._refuse(item, place, say("格式不正确"))
            return []
        rules = item.component.get("validate") or {}
        most, least = min(int(rules.get("max") or MOST_ROWS), MOST_ROWS), int(rules.get("min") or 0)
        if len(rows) > most:
            self._refuse(item, place, say("最多 {most} 行", most=most))
            return []
        if len(rows) < least and not self.partial:
            self._refuse(item, place, say("至少 {least} 行", least=least))
            return []
        if item.component.get("allowAddRemove") is False:
            rows = rows[: len(before) or int(item.component.get("defaultRepetitions") or 1)]
        # A row sees the form around it without its own list: passing all rows for each row would be quadratic.
        around = dict(context)
        put(around, item.path, None)
        cleaned = []
        for number, row in enumerate(rows):
            inner = f"{place}{item.key}[{number}]."
            self._undeclared(item.children, row, inner)
            base = before[number] if number < len(before) and isinstance(before[number], Mapping) else {}
            cleaned.append(self._scope(tree=item.children, data=row, stored=base, outer=around, rights={}, place=inner))
        return cleaned

    def _values(
        self,
        *,
        fields: Sequence[FormField],
        values: Mapping[str, Any],
        context: Mapping[str, Any],
        cleaned: dict[str, Any],
        place: str,
        data: Mapping[str, Any],
    ) -> None:
        """Check shape, rules and options of the fields that are shown and open."""
        feel = self._evaluated(fields, context)
        for item in fields:
            if self.partial and value_at(data, item.path, _MISSING) is _MISSING:
                continue
            try:
                value = shaped(item, values[item.key])
            except ValidationError as error:
                self._refuse(item, place, str(error.messages[0] if isinstance(error.messages, list) else error))
                continue
            rules = {**item.validate, **feel.get(item.key, {})}
            sentence = None if self.partial else problem(item, value, rules, self.today)
            if sentence is None and not is_empty(item, value):
                sentence = self._not_offered(item, value, feel, context)
                if sentence is None and not self.partial:
                    sentence = self._off_pattern(item, value)
            if sentence:
                self._refuse(item, place, sentence)
                continue
            put(cleaned, item.path, plain(item, value))

    def _evaluated(self, fields: Sequence[FormField], context: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Evaluate limits and options that are FEEL, all in one crossing."""
        asked = [
            (item.key, rule, item.validate[rule])
            for item in fields
            for rule in _FEEL_RULES
            if is_expression(item.validate.get(rule))
        ]
        asked += [
            (item.key, "options", item.component["valuesExpression"])
            for item in fields
            if item.type in CHOICES and item.component.get("valuesExpression")
        ]
        answers = self.evaluator.evaluate_many([text for _, _, text in asked], context, at=self.at)
        found: dict[str, dict[str, Any]] = {}
        for (key, rule, _), answer in zip(asked, answers, strict=True):
            found.setdefault(key, {})[rule] = answer
        return found

    @staticmethod
    def _not_offered(
        item: FormField, value: Any, feel: Mapping[str, Mapping[str, Any]], context: Mapping[str, Any]
    ) -> str | None:
        if item.type not in CHOICES:
            return None
        if "values" in item.component:
            offered: Any = [option.value for option in item.options]
        elif item.component.get("valuesKey"):
            offered = value_at(context, str(item.component["valuesKey"]).split("."))
        else:
            offered = feel.get(item.key, {}).get("options")
        offered = offered if isinstance(offered, list) else []
        allowed = [entry.get("value") if isinstance(entry, Mapping) else entry for entry in offered]
        chosen = value if item.type in MULTIPLE else [value]
        fits = all(any(one == other and type(one) is type(other) for other in allowed) for one in chosen)
        return None if fits else say("选项无效")

    def _off_pattern(self, item: FormField, value: Any) -> str | None:
        pattern = item.validate.get("pattern")
        if not pattern or not isinstance(value, str) or item.type not in ("textfield", "textarea"):
            return None
        # In the sandbox, because a designer's pattern can take for ever on the right text.
        if self.evaluator.evaluate("matches(text, pattern)", {"text": value, "pattern": pattern}, at=self.at) is True:
            return None
        return str(item.validate.get("patternErrorMessage") or say("格式不正确"))
