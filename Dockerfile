# sohoa as a container:
#   docker build -t sohoa .
#   docker run --rm -u "$(id -u)" -v "$PWD:/papers" sohoa read -o out scan.pdf
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY pipeline pipeline
ARG VERSION=container
RUN go build -trimpath -ldflags "-X main.version=$VERSION" -o /sohoa ./cmd/sohoa

FROM debian:12-slim
COPY scripts/setup /tmp/setup
RUN /tmp/setup --runtime && rm -rf /tmp/setup /var/lib/apt/lists/*
COPY --from=build /sohoa /usr/local/bin/sohoa
# Nothing of it needs root. The model is unpacked into the cache folder, where every user may write.
ENV XDG_CACHE_HOME=/tmp
USER 10001
WORKDIR /papers
ENTRYPOINT ["sohoa"]
