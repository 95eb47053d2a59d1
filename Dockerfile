# syntax=docker/dockerfile:1
# Three stages: the front end and the sandbox's bundle, the Python packages, and what runs.

FROM node:20-bookworm-slim AS frontend
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY vite.config.js vite.feel.config.js ./
COPY web ./web
COPY engine/expressions/js ./engine/expressions/js
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /src
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml requirements.in README.md LICENSE THIRD-PARTY.md ./
COPY web/translations ./web/translations
RUN /venv/bin/pybabel compile -q -d web/translations

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app duban
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app
COPY --from=packages /venv /venv
COPY engine ./engine
COPY workflows ./workflows
COPY web ./web
COPY bpmn ./bpmn
COPY docs ./docs
COPY --from=packages /src/web/translations ./web/translations
COPY --from=frontend /src/web/static/dist ./web/static/dist
COPY --from=frontend /src/engine/expressions/bundle ./engine/expressions/bundle
RUN printf '#!/bin/sh\nexec python -m web.cli "$@"\n' > /usr/local/bin/duban && chmod 755 /usr/local/bin/duban
USER duban
EXPOSE 8000
CMD ["gunicorn", "--config=python:web.gunicorn", "--bind=0.0.0.0:8000"]
