# One image for all services; the command decides which one a container is.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
ENV VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH

WORKDIR /app
COPY requirements/runtime.lock requirements/runtime.lock
RUN python3 -m venv /opt/venv && pip install --require-hashes -r requirements/runtime.lock

COPY . .
RUN pip install --no-deps --no-build-isolation -e . \
    && python3 -m compileall -q quant udfs ingest api dashboard scheduler

# Runs as nobody in particular: only the data volume is writable.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin quant \
    && install -d -o quant -g quant /app/data
USER quant
ENV HOME=/tmp
VOLUME /app/data
EXPOSE 8000 8501
CMD ["quant", "--help"]
