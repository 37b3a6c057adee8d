# docker build -t gateway . && docker run -v gateway:/var/lib/gateway -p 127.0.0.1:8080:8080 gateway
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/gateway --create-home gateway
COPY --from=build /opt/venv /opt/venv
COPY purpose_maps /etc/gateway/purpose_maps
USER gateway
WORKDIR /var/lib/gateway
# A proxy in front ends TLS; make the keys first with:
#   docker run -v gateway:/var/lib/gateway gateway gateway init --origin gateway.example.kz/log
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 GATEWAY_HOME=/var/lib/gateway \
    GATEWAY_MAPS=/etc/gateway/purpose_maps GATEWAY_HOST=0.0.0.0 GATEWAY_TLS_TERMINATED=1
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["gateway", "serve"]
