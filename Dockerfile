# webmon in one image: by default everything in one container, with its own
# Redis. Each role can be started on its own too: see configs/compose.yaml.
# Others can reach it, so it starts when there is a token:
#
#   docker run --rm -v webmon:/data webmon token create --data /data --name admin --scope admin

FROM golang:1.26-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev libzmq3-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=unknown
RUN go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X webmon/app.version=${VERSION} -X webmon/app.commit=${COMMIT}" \
      -o /webmon .

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libzmq5 redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 7700 --no-create-home --home-dir /data --shell /usr/sbin/nologin webmon \
 && install -d -o webmon -g webmon -m 0750 /data
COPY --from=build /webmon /usr/local/bin/webmon
USER webmon
VOLUME /data
EXPOSE 7700
STOPSIGNAL SIGTERM
# The image has no curl; webmon can ask for a page itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["webmon", "check", "--timeout", "4s", "http://127.0.0.1:7700/readyz"]
ENTRYPOINT ["webmon"]
CMD ["all", "--data", "/data", "--listen", "0.0.0.0:7700"]
