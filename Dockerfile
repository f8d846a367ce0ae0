# One image for every process of a production: web, worker, beat, and the job that migrates.
FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements requirements
COPY enigm_command/bootstrap.py enigm_command/bootstrap.py
# s3.txt for one that keeps bodies in buckets
ARG PACKAGES=run.txt
RUN python3 enigm_command/bootstrap.py "$PACKAGES"

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home enigm \
    && install -d -o enigm -m 0700 /etc/enigm /var/lib/enigm/objects /var/lib/enigm/checkpoints
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
COPY --from=packages /app/.venv .venv
COPY . .
RUN DEBUG=1 python manage.py build_static
USER enigm
CMD ["gunicorn", "enigm_command.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", \
     "--forwarded-allow-ips="]
