"""Expected errors become pages, fragments or problem+json here, and nowhere else."""

from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from engine.errors import DubanError, InvalidInput
from web.context import wants_fragment, wants_json
from web.language import side, sided

HTTP_CODES = {
    400: "bad-request",
    401: "not-signed-in",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
}
"""Stable codes of what Flask itself refuses."""

KEPT_HEADERS = ("Allow", "Retry-After")


def titles() -> dict[int, str]:
    """Return headings by status."""
    return {
        400: _("请求无效"),
        401: _("没有登录"),
        403: _("现在不能这样做"),
        404: _("没有找到"),
        405: _("不接受的方法"),
        409: _("已有变化"),
        413: _("文件太大"),
        415: _("不接受的类型"),
        422: _("填写有误"),
        429: _("尝试太频繁"),
        500: _("系统出错"),
    }


def answer(status: int, code: str, sentence: str, fields: dict[str, str] | None = None) -> ResponseReturnValue:
    """Say what went wrong in the form that was asked for."""
    heading = titles().get(status, _("出错了"))
    if wants_json():
        problem: dict[str, Any] = {
            "type": f"urn:duban:{code}",
            "code": code,
            "title": heading,
            "status": status,
            "detail": sentence,
        }
        if fields:
            problem["fields"] = fields
        response: Response = jsonify(problem)
        response.content_type = "application/problem+json"
        response.status_code = status
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response
    template = "errors/fragment.html" if wants_fragment() else "errors/page.html"
    return render_template(
        template, status=status, heading=heading, sentence=sentence, fields=fields or {}, again=_page_asked_for()
    ), status


def _page_asked_for() -> str:
    """Return the address of the page that a refused form belongs to, to look at it anew; empty where there is none."""
    adapter = current_app.create_url_adapter(request)
    return request.path if adapter is not None and adapter.test(request.path, "GET") else ""


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(DubanError)
    def _expected(error: DubanError) -> ResponseReturnValue:
        fields = error.fields if isinstance(error, InvalidInput) else {}
        words = {sided(name): side(sentence) for name, sentence in fields.items()}
        return answer(error.status, error.code, side(str(error)), words)

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> ResponseReturnValue:
        return answer(400, "csrf", _("页面已过期或请求不是从本系统发出的，请刷新后重试。"))

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return answer(413, "too-large", _("提交的内容或文件太大，什么都没有保存。"))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error.get_response()
        sentences = {
            404: _("没有这个页面，或者它与您无关。"),
            405: _("这个地址不接受这样的请求。"),
            429: _("尝试太频繁，请稍后再试。"),
        }
        answered = make_response(
            answer(status, HTTP_CODES.get(status, "http"), sentences.get(status, error.description or ""))
        )
        answered.headers.update([one for one in error.get_headers() if one[0] in KEPT_HEADERS])
        return answered

    @app.errorhandler(Exception)
    def _unexpected(_error: Exception) -> ResponseReturnValue:
        app.logger.exception("unexpected error at %s %s", request.method, request.path)
        return answer(500, "unexpected", _("系统出错，已记录。什么都没有改变，请稍后重试。"))
