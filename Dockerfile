# sohoa as a container:
#   docker build -t sohoa .
#   docker run --rm -u "$(id -u)" -v "$PWD:/papers" sohoa read -o out scan.pdf
#   docker run -d --name sohoa -v sohoa:/var/lib/sohoa -p 127.0.0.1:8080:8080 sohoa up
#   docker exec sohoa cat /var/lib/sohoa/first-token
# With Redis, MinIO and PostgreSQL: docker-compose.yml.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY pipeline pipeline
COPY storage storage
COPY workers workers
ARG VERSION=container
# The catalogue's search needs SQLite's FTS5.
RUN go build -tags sqlite_fts5 -trimpath -ldflags "-X main.version=$VERSION" -o /sohoa ./cmd/sohoa

FROM debian:12-slim
COPY scripts/setup /tmp/setup
RUN /tmp/setup --runtime && rm -rf /tmp/setup /var/lib/apt/lists/* && \
    install -d -o 10001 -g 10001 -m 750 /var/lib/sohoa
COPY --from=build /sohoa /usr/local/bin/sohoa
# Nothing of it needs root. "read" unpacks the model into the cache folder, where every user may write; the other verbs keep
# what they have in the data folder.
ENV XDG_CACHE_HOME=/tmp SOHOA_DATA=/var/lib/sohoa SOHOA_LISTEN=:8080
USER 10001:10001
VOLUME /var/lib/sohoa
EXPOSE 8080
WORKDIR /papers
ENTRYPOINT ["sohoa"]
