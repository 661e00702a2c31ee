# plimsoll alone, static, with the certificates that registries are known by:
#   docker build -t plimsoll .
#   docker save app:latest | docker run --rm -i plimsoll -
#   docker run --rm plimsoll docker://registry.example.com/app:latest
FROM rust:1.95-alpine AS build
# Rust's programs are static on Alpine, whose libc is musl. The compiler builds zstd, xz and ring.
RUN apk add --no-cache ca-certificates-bundle gcc musl-dev
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked \
 && mkdir -p /image/usr/local/bin /image/etc/ssl/certs /image/usr/share/licenses/plimsoll \
 && cp target/release/plimsoll /image/usr/local/bin/ \
 && strip /image/usr/local/bin/plimsoll \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && cp LICENSE-APACHE LICENSE-MIT /image/usr/share/licenses/plimsoll/

FROM scratch
ARG VERSION REVISION
LABEL org.opencontainers.image.title="plimsoll" \
      org.opencontainers.image.description="Weighs container images" \
      org.opencontainers.image.source="https://github.com/plimsoll/plimsoll" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# Nobody: nothing in the image is written to, and it needs no right of its own.
USER 65534:65534
ENTRYPOINT ["/usr/local/bin/plimsoll"]
