# syntax=docker/dockerfile:1
# One image for `kait server` and `kait worker`; the command chooses. It contains no secret, and building it needs none.

FROM node:22-bookworm-slim AS build
WORKDIR /opt/kait
COPY package.json package-lock.json .npmrc ./
# No install scripts: every native part comes prebuilt with its package.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
# Temporal's native client uses the system's certificates, which slim images lack.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=0700 /var/lib/kait
WORKDIR /opt/kait
COPY --from=build /opt/kait/package.json ./
COPY --from=build /opt/kait/node_modules ./node_modules
COPY --from=build /opt/kait/storage/migrations ./storage/migrations
COPY --from=build /opt/kait/bin ./bin
COPY --from=build /opt/kait/dist ./dist
COPY --from=build /opt/kait/definitions ./definitions
ENV NODE_ENV=production \
    KAIT_HOST=0.0.0.0 \
    KAIT_HOME=/var/lib/kait
USER node
EXPOSE 8700
# For a worker, set KAIT_WORKER_HEALTH_PORT to 8700.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.KAIT_PORT || 8700}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/kait.js", "server"]
